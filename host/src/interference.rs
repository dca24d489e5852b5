//! What the write loop is worth: memories written in different ways into the growable bank, asked
//! dense and fused, with 95 % bootstrap intervals.
//!
//! Besides retrieval sets there are two of our own, made from `interference/families.txt`: families of
//! memories that differ in one place, written in a shuffled order, asked in other words. Odd families
//! tune, even ones judge.

use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::embedding::Embedding;
use memt_core::encoder::ScratchTooSmall;
use memt_core::query::QueryOptions;
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::{FitWeights, NewMemory};
use rayon::prelude::*;
use std::collections::HashMap;

const FAMILIES: &str = include_str!("interference/families.txt");

/// Draws of the bootstrap.
const RESAMPLES: usize = 1_000;

/// How memories are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The text's embedding as it is.
    Direct,
    /// The loop.
    Loop,
    /// The loop without the words that rivals lack.
    NoEmphasis,
    /// The loop without pushing off rivals.
    NoPush,
    /// The loop, and after all writes each memory fitted once more, as replay does.
    Replay,
}

impl Way {
    /// All ways, the one that others are compared with first.
    pub const ALL: [Self; 5] = [
        Self::Direct,
        Self::Loop,
        Self::NoEmphasis,
        Self::NoPush,
        Self::Replay,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Loop => "loop",
            Self::NoEmphasis => "no emphasis",
            Self::NoPush => "no push",
            Self::Replay => "loop, replay",
        }
    }
}

/// Memories in the order of writing, and questions with the numbers of their answers.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// The texts.
    pub memories: Vec<String>,
    /// The questions.
    pub questions: Vec<(String, Vec<usize>)>,
}

/// Which half of the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// For tuning.
    Odd,
    /// For judging.
    Even,
}

/// The memories and questions of half of the families, memories in an order that `seed` shuffles.
pub fn families(half: Half, seed: u64) -> Task {
    let mut task = Task::default();
    let blocks = FAMILIES
        .split("\n\n")
        .filter(|block| block.contains("\n= "));
    for (number, block) in blocks.enumerate() {
        if (number % 2 == 0) == (half == Half::Odd) {
            add_family(block, &mut task);
        }
    }
    shuffle(task, seed)
}

fn add_family(block: &str, task: &mut Task) {
    let lines = |mark: &'static str| {
        block
            .lines()
            .filter_map(move |line| line.strip_prefix(mark))
    };
    let memory = lines("= ").next().unwrap_or_default();
    for words in lines("- ") {
        let (written, asked) = words.split_once(" = ").unwrap_or((words, words));
        for question in lines("? ") {
            let question = question.replace("{}", asked);
            task.questions.push((question, vec![task.memories.len()]));
        }
        task.memories.push(memory.replace("{}", written));
    }
}

fn shuffle(task: Task, seed: u64) -> Task {
    let mut order: Vec<usize> = (0..task.memories.len()).collect();
    let mut random = Random(seed);
    for last in (1..order.len()).rev() {
        order.swap(last, random.below(last + 1));
    }
    let place: HashMap<usize, usize> = order
        .iter()
        .enumerate()
        .map(|(at, &was)| (was, at))
        .collect();
    let questions = task.questions.into_iter();
    Task {
        memories: order
            .iter()
            .map(|&was| task.memories[was].clone())
            .collect(),
        questions: questions
            .map(|(text, answers)| (text, answers.iter().map(|answer| place[answer]).collect()))
            .collect(),
    }
}

/// xorshift64*, Vigna 2016.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % bound
    }
}

/// Recall of each question under one way, dense at 1 and 10, then fused at 1 and 10.
pub type Recalls = Vec<[f64; 4]>;

/// Writes the memories of a task in a way and asks its questions.
pub fn recalls(
    task: &Task,
    way: Way,
    encoder: &TextEncoder<'_>,
) -> Result<Recalls, ScratchTooSmall> {
    let embeddings = encoder.encode_all(&task.memories)?;
    let mut bank = Bank::new();
    // An empty bank takes any model.
    let bound = bank.bind(encoder.fingerprint());
    debug_assert!(bound.is_ok());
    let mut keys: Vec<Option<Key>> = Vec::new();
    for (number, (text, embedding)) in task.memories.iter().zip(&embeddings).enumerate() {
        let new = NewMemory {
            owner: Owner(0),
            text,
            embedding,
            created: Timestamp(number as u32),
            importance: Factor::ONE,
        };
        // A text without words is in no bank, so questions about it miss.
        let slot = OwnedSlot::of(&new, &[]);
        let key = slot.ok().and_then(|slot| bank.write(slot).ok());
        if let Some(key) = key {
            fit(&mut bank, key, embedding, way, encoder)?;
        }
        keys.push(key);
    }
    if way == Way::Replay {
        for (key, embedding) in keys.iter().zip(&embeddings) {
            if let &Some(key) = key {
                fit(&mut bank, key, embedding, way, encoder)?;
            }
        }
    }
    let texts: Vec<&str> = task
        .questions
        .iter()
        .map(|(text, _)| text.as_str())
        .collect();
    let asked = encoder.encode_all(&texts)?;
    let each = task.questions.par_iter().zip(&asked);
    Ok(each
        .map(|((text, answers), embedding)| {
            let answers: Vec<Option<Key>> = answers.iter().map(|&answer| keys[answer]).collect();
            let [dense, fused] = [Mode::Dense, Mode::Fused].map(|mode| {
                let options = QueryOptions {
                    mode,
                    ..QueryOptions::of_owner(Owner(0))
                };
                let hits = bank
                    .query(text, embedding, &options, 10)
                    .unwrap_or_default();
                let among = |hits: &[memt_core::query::Hit]| {
                    let found = hits.iter().filter(|hit| answers.contains(&Some(hit.key)));
                    found.count() as f64 / answers.len().max(1) as f64
                };
                [among(&hits[..hits.len().min(1)]), among(&hits)]
            });
            [dense[0], dense[1], fused[0], fused[1]]
        })
        .collect())
}

fn fit(
    bank: &mut Bank,
    key: Key,
    embedding: &Embedding,
    way: Way,
    encoder: &TextEncoder<'_>,
) -> Result<(), ScratchTooSmall> {
    let weights = match way {
        Way::Direct => return Ok(()),
        Way::NoPush => FitWeights {
            push: 0,
            ..FitWeights::default()
        },
        Way::NoEmphasis => FitWeights {
            emphasis: 0,
            ..FitWeights::default()
        },
        Way::Loop | Way::Replay => FitWeights::default(),
    };
    let words = bank.emphasis(key, embedding).unwrap_or_default();
    let emphasis = match words.is_empty() {
        true => None,
        false => Some(encoder.encode_one(&words)?),
    };
    if let Some(fit) = bank.begin_fit(key, embedding, emphasis.as_ref(), weights) {
        bank.settle(key, &fit.run().0);
    }
    Ok(())
}

/// A mean x 100 and the middle 95 % of its resamples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The mean.
    pub mean: f64,
    /// Its 2.5 % quantile.
    pub low: f64,
    /// Its 97.5 % quantile.
    pub high: f64,
}

/// The mean of `values` x 100; equal numbers of values see equal draws, so differences are paired.
pub fn measured(values: &[f64]) -> Measured {
    let mean = |sum: f64| 100.0 * sum / values.len().max(1) as f64;
    let mut random = Random(20_260_101);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            mean(
                (0..values.len())
                    .map(|_| values[random.below(values.len())])
                    .sum(),
            )
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Measured {
        mean: mean(values.iter().sum()),
        low: memt_eval::metrics::quantile(&means, 0.025),
        high: memt_eval::metrics::quantile(&means, 0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_alike_in_size_and_share_nothing() {
        let (odd, even) = (families(Half::Odd, 1), families(Half::Even, 1));
        for half in [&odd, &even] {
            assert_eq!(half.memories.len(), 140);
            assert_eq!(half.questions.len(), 280);
            assert!(half.questions.iter().all(|(text, _)| !text.contains("{}")));
        }
        assert!(
            odd.memories
                .iter()
                .all(|memory| !even.memories.contains(memory))
        );
        assert_ne!(odd.memories, families(Half::Odd, 2).memories);
    }

    #[test]
    fn intervals_hold_the_mean() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i % 4 == 0)).collect();
        let Measured { mean, low, high } = measured(&values);
        assert_eq!(mean, 25.0);
        assert!((10.0..25.0).contains(&low) && (25.0..40.0).contains(&high));
    }
}

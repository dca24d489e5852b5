//! Ways to write memories into the growable bank, and how it then answers, dense and fused.

use super::{Encoded, Task};
use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::{FitWeights, Learn, NewMemory};
use rayon::prelude::*;

/// How memories are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The text's embedding as it is.
    Direct,
    /// The loop.
    Loop,
    /// The loop for the newcomer only: the nearest rival stays as it was.
    Alone,
    /// The loop without the words that rivals lack.
    NoEmphasis,
    /// The loop without pushing off rivals.
    NoPush,
    /// The loop, and after all writes each memory fitted once more, as replay does.
    Replay,
}

impl Way {
    /// All ways, the one that others are compared with first.
    pub const ALL: [Self; 6] = [
        Self::Direct,
        Self::Loop,
        Self::Alone,
        Self::NoEmphasis,
        Self::NoPush,
        Self::Replay,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Loop => "loop",
            Self::Alone => "newcomer only",
            Self::NoEmphasis => "no emphasis",
            Self::NoPush => "no push",
            Self::Replay => "loop, replay",
        }
    }
}

/// The weights of a way; none writes directly.
fn weights(way: Way) -> Option<FitWeights> {
    let usual = FitWeights::default();
    match way {
        Way::Direct => None,
        Way::NoPush => Some(FitWeights { push: 0, ..usual }),
        Way::NoEmphasis => Some(FitWeights {
            emphasis: 0,
            ..usual
        }),
        Way::Loop | Way::Alone | Way::Replay => Some(usual),
    }
}

/// Recall of each question under one way, dense at 1 and 10, then fused at 1 and 10.
pub type Recalls = Vec<[f64; 4]>;

/// The memories of a task in a bank.
#[derive(Debug)]
pub struct Written {
    bank: Bank,
    /// None for a text that no bank takes.
    keys: Vec<Option<Key>>,
}

impl Written {
    /// Writes the memories of a task in a way.
    pub fn of(
        task: &Task,
        way: Way,
        encoder: &TextEncoder<'_>,
        encoded: &Encoded,
    ) -> Result<Self, ScratchTooSmall> {
        let mut encode = |text: &str| encoded.of(text, encoder);
        let weights = weights(way);
        let mut bank = Bank::new();
        // An empty bank takes any model.
        let bound = bank.bind(encoder.fingerprint());
        debug_assert!(bound.is_ok());
        let mut keys = Vec::new();
        for (number, text) in task.memories.iter().enumerate() {
            let new = NewMemory {
                owner: Owner(0),
                text,
                embedding: &encode(text)?,
                created: Timestamp(number as u32),
                importance: Factor::ONE,
            };
            // A text without words is in no bank, so questions about it miss.
            let slot = OwnedSlot::of(&new, &[]);
            let key = slot.ok().and_then(|slot| bank.write(slot).ok());
            match (key, weights) {
                (Some(key), Some(weights)) if way == Way::Alone => {
                    bank.refit(key, weights, &mut encode)?;
                }
                (Some(key), Some(weights)) => {
                    bank.learn(key, weights, &mut encode)?;
                }
                _ => {}
            }
            keys.push(key);
        }
        if let (Way::Replay, Some(weights)) = (way, weights) {
            for &key in keys.iter().flatten() {
                bank.refit(key, weights, &mut encode)?;
            }
        }
        Ok(Self { bank, keys })
    }

    /// Asks the questions of the task.
    pub fn recalls(
        &self,
        task: &Task,
        encoder: &TextEncoder<'_>,
        encoded: &Encoded,
    ) -> Result<Recalls, ScratchTooSmall> {
        let each = task.questions.par_iter().map(|(text, answers)| {
            let answers: Vec<Option<Key>> =
                answers.iter().map(|&answer| self.keys[answer]).collect();
            let embedding = encoded.of(text, encoder)?;
            let [dense, fused] = [Mode::Dense, Mode::Fused].map(|mode| {
                let options = QueryOptions {
                    mode,
                    ..QueryOptions::of_owner(Owner(0))
                };
                let hits = self.bank.query(text, &embedding, &options, 10);
                // A question without words finds nothing.
                let hits = hits.unwrap_or_default();
                let among = |hits: &[Hit]| {
                    let found = hits.iter().filter(|hit| answers.contains(&Some(hit.key)));
                    found.count() as f64 / answers.len().max(1) as f64
                };
                [among(&hits[..hits.len().min(1)]), among(&hits)]
            });
            Ok([dense[0], dense[1], fused[0], fused[1]])
        });
        each.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Half, families};
    use super::*;
    use crate::model::{Arithmetic, Model};

    /// Word for word, by meaning alone, after all fits.
    #[test]
    fn an_exact_text_is_found_first_with_a_high_score() {
        let model = Model::built_in().expect("the image is whole");
        let encoder = model.text_encoder(Arithmetic::Fixed).expect("it encodes");
        for half in [Half::Odd, Half::Even] {
            let Task { memories, .. } = families(half, 1);
            let asked = memories.iter().enumerate();
            let asked = asked.map(|(at, text)| (text.clone(), vec![at]));
            let task = Task {
                questions: asked.collect(),
                memories: memories.clone(),
            };
            let written = Written::of(&task, Way::Loop, &encoder, &Encoded::default());
            let written = written.expect("all texts encode");
            for (text, key) in memories.iter().zip(&written.keys) {
                let embedding = encoder.encode_one(text).expect("it encodes");
                let options = QueryOptions {
                    mode: Mode::Dense,
                    ..QueryOptions::of_owner(Owner(0))
                };
                let hits = written.bank.query(text, &embedding, &options, 1);
                let hit = hits.expect("the text has words")[0];
                assert_eq!(Some(hit.key), *key, "{text}");
                assert!(hit.score.total >= 0.9, "{text}: {}", hit.score.total);
            }
        }
    }
}

//! Ways to write memories into the growable bank, and how it then answers, dense and fused.

use super::{Encoded, Question, Task};
use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::feedback::Verdict;
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

/// What is measured of each answer: dense at 1 and 10, then fused at 1 and 10.
pub type Recalls = [f64; 4];

/// Memories that are written in a way, one after the other.
#[derive(Debug)]
pub struct Written<'e> {
    bank: Bank,
    way: Way,
    encoder: &'e TextEncoder<'e>,
    encoded: &'e Encoded,
    /// None for a text that no bank takes.
    keys: Vec<Option<Key>>,
}

impl<'e> Written<'e> {
    /// None yet.
    pub fn new(way: Way, encoder: &'e TextEncoder<'e>, encoded: &'e Encoded) -> Self {
        let mut bank = Bank::new();
        // An empty bank takes any model.
        let bound = bank.bind(encoder.fingerprint());
        debug_assert!(bound.is_ok());
        Self {
            bank,
            way,
            encoder,
            encoded,
            keys: Vec::new(),
        }
    }

    /// The memories of a task.
    pub fn of(
        task: &Task,
        way: Way,
        encoder: &'e TextEncoder<'e>,
        encoded: &'e Encoded,
    ) -> Result<Self, ScratchTooSmall> {
        let mut written = Self::new(way, encoder, encoded);
        for (number, text) in task.memories.iter().enumerate() {
            written.write(text, Timestamp(number as u32), Factor::ONE)?;
        }
        written.finish()?;
        Ok(written)
    }

    /// Writes a memory, the next by number. A text without words is in no bank, so questions about it
    /// miss.
    pub fn write(
        &mut self,
        text: &str,
        created: Timestamp,
        importance: Factor,
    ) -> Result<Option<Key>, ScratchTooSmall> {
        let mut encode = |text: &str| self.encoded.of(text, self.encoder);
        let new = NewMemory {
            owner: Owner(0),
            text,
            embedding: &encode(text)?,
            created,
            importance,
        };
        let slot = OwnedSlot::of(&new, &[]);
        let key = slot.ok().and_then(|slot| self.bank.write(slot).ok());
        match (key, weights(self.way)) {
            (Some(key), Some(weights)) if self.way == Way::Alone => {
                self.bank.refit(key, weights, &mut encode)?;
            }
            (Some(key), Some(weights)) => {
                self.bank.learn(key, weights, &mut encode)?;
            }
            _ => {}
        }
        self.keys.push(key);
        Ok(key)
    }

    /// Does what a way does after all writes.
    fn finish(&mut self) -> Result<(), ScratchTooSmall> {
        if let (Way::Replay, Some(weights)) = (self.way, weights(self.way)) {
            for &key in self.keys.iter().flatten() {
                let encode = |text: &str| self.encoded.of(text, self.encoder);
                self.bank.refit(key, weights, encode)?;
            }
        }
        Ok(())
    }

    /// Where the memories are.
    pub fn bank_mut(&mut self) -> &mut Bank {
        &mut self.bank
    }

    /// The key of the memory with this number.
    pub fn key(&self, number: usize) -> Option<Key> {
        self.keys[number]
    }

    /// The best hits for a question. One without words finds nothing.
    pub fn ask(
        &self,
        question: &str,
        options: &QueryOptions,
        top_k: usize,
    ) -> Result<Vec<Hit>, ScratchTooSmall> {
        let embedding = self.encoded.of(question, self.encoder)?;
        let hits = self.bank.query(question, &embedding, options, top_k);
        Ok(hits.unwrap_or_default())
    }

    /// Learns what is said of a hit. Who asks without words has seen none.
    pub fn judge(
        &mut self,
        question: &str,
        key: Key,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<(), ScratchTooSmall> {
        let embedding = self.encoded.of(question, self.encoder)?;
        let judged = self.bank.judge(question, &embedding, key, verdict, now);
        debug_assert!(judged.is_ok());
        Ok(())
    }

    /// How well a question is answered.
    pub fn recall(&self, question: &Question) -> Result<Recalls, ScratchTooSmall> {
        let answers = question.answers.iter();
        let answers: Vec<Option<Key>> = answers.map(|&number| self.key(number)).collect();
        let mut recalls = Vec::new();
        for mode in [Mode::Dense, Mode::Fused] {
            let options = QueryOptions {
                mode,
                ..QueryOptions::of_owner(Owner(0))
            };
            let hits = self.ask(&question.text, &options, 10)?;
            let among = |hits: &[Hit]| {
                let found = hits.iter().filter(|hit| answers.contains(&Some(hit.key)));
                found.count() as f64 / answers.len().max(1) as f64
            };
            recalls.extend([among(&hits[..hits.len().min(1)]), among(&hits)]);
        }
        Ok([recalls[0], recalls[1], recalls[2], recalls[3]])
    }

    /// How well each of some questions is answered, with its family.
    pub fn recalls(
        &self,
        questions: &[Question],
    ) -> Result<Vec<(usize, Recalls)>, ScratchTooSmall> {
        let each = questions.par_iter();
        each.map(|question| Ok((question.family, self.recall(question)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Half, families};
    use super::*;
    use crate::model::{Arithmetic, Model};

    /// Word for word, by meaning alone, after all fits.
    #[test]
    fn an_exact_text_is_found_first_or_beside_its_like_with_a_high_score() {
        let model = Model::built_in().expect("the image is whole");
        let encoder = model.text_encoder(Arithmetic::Fixed).expect("it encodes");
        let (mut asked, mut passed) = (0, 0);
        for half in [Half::Odd, Half::Even] {
            let Task { memories, .. } = families(half, 1);
            let task = Task {
                memories: memories.clone(),
                questions: Vec::new(),
            };
            let encoded = Encoded::default();
            let written = Written::of(&task, Way::Loop, &encoder, &encoded);
            let written = written.expect("all texts encode");
            for (text, key) in memories.iter().zip(&written.keys) {
                let options = QueryOptions {
                    mode: Mode::Dense,
                    ..QueryOptions::of_owner(Owner(0))
                };
                let hits = written.ask(text, &options, 2).expect("it encodes");
                asked += 1;
                passed += usize::from(Some(hits[0].key) != *key);
                let own = hits.iter().find(|hit| Some(hit.key) == *key);
                let own = own.expect("it is one of the first two");
                assert!(own.score.total >= 0.9, "{text}: {}", own.score.total);
            }
        }
        // A rival that is fitted again later may come a step nearer than the memory itself.
        assert!(
            100 * passed <= asked,
            "{passed} of {asked} passed by a rival"
        );
    }
}

//! Pressure: which of many memories a bank of few slots still has when it is asked.

use super::capacity::ask;
use super::life::Step;
use super::{Encoded, Life, Policy, Question, Random, Subject, Written};
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::{Key, Timestamp};
use std::collections::HashMap;

/// Slots of the bank.
pub const SLOTS: usize = 64;

/// Answers that are shown, and so count as read.
pub(super) const SHOWN: usize = 5;

/// Writes between two replays of what was read.
const REPLAY_EVERY: usize = 16;

/// What came of a life's questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// All.
    pub questions: usize,
    /// Those whose answer is in the bank.
    pub there: usize,
    /// Those whose first hit answers.
    pub first: usize,
    /// Those with an answer among the hits that are shown.
    pub shown: usize,
}

/// Lives a life with a bank of [`SLOTS`] slots.
pub fn pressure(
    life: &Life,
    policy: Policy,
    encoder: &TextEncoder<'_>,
    encoded: &Encoded,
) -> Result<Kept, ScratchTooSmall> {
    let mut living = Living::new(life, policy, encoder, encoded);
    for (_, step) in &life.steps {
        if let Step::Ask {
            subject, version, ..
        } = step
        {
            *living.to_come.entry((*subject, *version)).or_default() += 1;
        }
    }
    let mut kept = Kept::default();
    for (now, step) in &life.steps {
        match step {
            Step::Tell(number) => living.tell(*number, *now)?,
            Step::Ask {
                text,
                subject,
                version,
            } => living.ask(text, (*subject, *version), *now, &mut kept)?,
        }
    }
    Ok(kept)
}

struct Living<'l, 'e> {
    life: &'l Life,
    policy: Policy,
    written: Written<'e>,
    /// Which memory of the life each key of the bank is.
    numbers: HashMap<Key, usize>,
    /// Questions that are still to come.
    to_come: HashMap<(Subject, usize), usize>,
    random: Random,
    replayed: Timestamp,
}

impl<'l, 'e> Living<'l, 'e> {
    fn new(
        life: &'l Life,
        policy: Policy,
        encoder: &'e TextEncoder<'e>,
        encoded: &'e Encoded,
    ) -> Self {
        Self {
            life,
            policy,
            written: Written::new(policy.way(), encoder, encoded),
            numbers: HashMap::new(),
            to_come: HashMap::new(),
            random: Random::seeded(1),
            replayed: Timestamp(0),
        }
    }

    fn tell(&mut self, number: usize, now: Timestamp) -> Result<(), ScratchTooSmall> {
        if self.written.bank_mut().len() == SLOTS {
            self.forget(now);
        }
        let told = &self.life.told[number];
        let key = self.written.write(&told.text, now, told.importance)?;
        let Some(key) = key else {
            return Ok(());
        };
        self.numbers.insert(key, number);
        if self.policy == Policy::Merging {
            while let Some(older) = self.written.bank_mut().merge_repeated(key, now) {
                self.numbers.remove(&older);
            }
        }
        if self.policy == Policy::Replaying && number.is_multiple_of(REPLAY_EVERY) {
            self.replay(now);
        }
        Ok(())
    }

    fn forget(&mut self, now: Timestamp) {
        let facts: Vec<_> = self
            .written
            .bank_mut()
            .owned_by(None)
            .map(|slot| *slot.facts)
            .collect();
        let future = |key: Key| self.future(key);
        let mut random = self.random.clone();
        let victim = self.policy.victim(facts.iter(), now, &mut random, future);
        self.random = random;
        if let Some(key) = victim {
            self.written.bank_mut().forget(key, now);
            self.numbers.remove(&key);
        }
    }

    /// Questions to come that only this memory of the bank answers, or the newest of several.
    fn future(&self, key: Key) -> usize {
        let about = self.about(self.numbers[&key]);
        let newest = self
            .numbers
            .iter()
            .filter(|other| self.about(*other.1) == about);
        match newest.map(|other| *other.0).max() == Some(key) {
            true => self.to_come.get(&about).copied().unwrap_or(0),
            false => 0,
        }
    }

    fn about(&self, number: usize) -> (Subject, usize) {
        let told = &self.life.told[number];
        (told.subject, told.version)
    }

    fn replay(&mut self, now: Timestamp) {
        let since = self.replayed;
        let bank = self.written.bank_mut();
        let read = bank.owned_by(None).map(|slot| *slot.facts);
        let read = read.filter(|facts| facts.accesses > 0 && facts.accessed > since);
        let read: Vec<Key> = read.map(|facts| facts.key).collect();
        for key in read {
            bank.replay(key, now);
        }
        self.replayed = now;
    }

    fn ask(
        &mut self,
        text: &str,
        about: (Subject, usize),
        now: Timestamp,
        kept: &mut Kept,
    ) -> Result<(), ScratchTooSmall> {
        let question = Question {
            text: text.to_owned(),
            answers: Vec::new(),
            family: about.0.template,
        };
        let hits = ask(&mut self.written, &question, now)?;
        let answers = |key: &Key| self.about(self.numbers[key]) == about;
        kept.questions += 1;
        kept.there += usize::from(self.numbers.keys().any(answers));
        kept.first += usize::from(hits.first().is_some_and(|hit| answers(&hit.key)));
        kept.shown += usize::from(hits.iter().any(|hit| answers(&hit.key)));
        if let Some(left) = self.to_come.get_mut(&about) {
            *left -= 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::trials::{Half, Nature};

    /// What a policy leaves of the first hundred memories of a life, and whether each has its text's embedding.
    fn left(policy: Policy, encoder: &TextEncoder<'_>, encoded: &Encoded) -> Vec<(Key, bool)> {
        let life = Life::new(Half::Odd, Nature::Months, 1);
        let mut living = Living::new(&life, policy, encoder, encoded);
        for number in 0..100 {
            let now = Timestamp(number as u32 * 3600);
            living.tell(number, now).unwrap();
        }
        let bank = living.written.bank_mut();
        let direct = |text, vector| encoder.encode_one(text).unwrap() == vector;
        bank.owned_by(None)
            .map(|slot| (slot.facts.key, direct(slot.text, *slot.embedding)))
            .collect()
    }

    #[test]
    fn direct_writes_differ_in_vectors_only() {
        let model = Model::built_in().unwrap();
        let encoder = model.text_encoder(Default::default()).unwrap();
        let encoded = Encoded::default();
        let [fitted, direct] =
            [Policy::Retention, Policy::Direct].map(|policy| left(policy, &encoder, &encoded));
        assert!(direct.iter().all(|left| left.1));
        assert!(fitted.iter().any(|left| !left.1));
        let keys = |left: &[(Key, bool)]| left.iter().map(|left| left.0).collect::<Vec<_>>();
        assert_eq!(keys(&fitted), keys(&direct));
        assert_eq!(fitted.len(), SLOTS);
    }
}

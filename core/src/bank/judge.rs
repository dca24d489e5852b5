//! Learning from what is said of answers.

use super::{Bank, JudgeError};
use crate::embedding::Embedding;
use crate::feedback::{Judgement, Verdict, Weight, weight};
use crate::query::{Hit, QueryOptions, rank};
use crate::slot::{Key, Timestamp};

/// What a verdict has taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What the memory gains for the very same question; 0 if the answers were in order already.
    pub weight: Weight,
    /// The memory of the oldest judgement, if that had to go.
    pub replaced: Option<Key>,
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Learns that a memory answers a question, or does not, among the memories of its owner. An earlier
    /// verdict on both is taken back first.
    #[inline(never)]
    pub fn judge(
        &mut self,
        text: &str,
        embedding: &Embedding,
        key: Key,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Judged, JudgeError> {
        if JUDGED == 0 {
            return Err(JudgeError::NoRoom);
        }
        let owner = self.get(key).ok_or(JudgeError::Unknown(key))?.facts.owner;
        let before = self.judgement(key, embedding);
        self.take_back(key, Some(embedding));
        let weighed = self.weigh(
            text,
            embedding,
            key,
            verdict,
            &QueryOptions::of_owner(owner),
        );
        let judgement = Judgement {
            key,
            question: *embedding,
            weight: weighed.unwrap_or_default(),
            time: now,
        };
        let kept = match weighed {
            Ok(weight) => (weight.0 != 0).then_some(judgement),
            Err(_) => before,
        };
        let replaced = kept.and_then(|judgement| self.judgements.put(judgement));
        let replaced = replaced.map(|gone| gone.key);
        Ok(Judged {
            weight: weighed?,
            replaced,
        })
    }

    fn weigh(
        &self,
        text: &str,
        embedding: &Embedding,
        key: Key,
        verdict: Verdict,
        options: &QueryOptions,
    ) -> Result<Weight, JudgeError> {
        let judged = self.get(key).ok_or(JudgeError::Unknown(key))?;
        let weighed = self.with_question(text, embedding, options, |question| {
            let others = self.owned_by(options.owner);
            let others = others.filter(|slot| slot.facts.key != key);
            let scored = others.map(|slot| Hit::new(slot, question.score(slot)));
            let mut best = [Hit::default()];
            let found = rank(scored, options, &mut best);
            let rival = best[..found].first().and_then(|hit| self.get(hit.key));
            weight(question, judged, rival, verdict)
        });
        weighed.map_err(JudgeError::Question)
    }

    /// Takes back what was judged of a memory: for one question, or for all. Returns how many judgements
    /// went.
    pub fn take_back(&mut self, key: Key, question: Option<&Embedding>) -> usize {
        let is_meant = |judgement: &Judgement| {
            judgement.key == key && question.is_none_or(|question| judgement.question == *question)
        };
        self.judgements.remove(is_meant)
    }

    fn judgement(&self, key: Key, question: &Embedding) -> Option<Judgement> {
        let mut judgements = self.judgements().iter();
        let found = judgements.find(|kept| kept.key == key && kept.question == *question);
        found.copied()
    }

    /// What was judged, in the order of [`Judgement::order`].
    pub fn judgements(&self) -> &[Judgement] {
        self.judgements.as_slice()
    }

    /// Takes in a judgement from elsewhere; says whether it is kept. One whose memory is not here is not, nor
    /// one that is older than all others where there is no room, or than the one that is here of the same question.
    pub fn import_judgement(&mut self, judgement: Judgement) -> bool {
        let known = self.judgement(judgement.key, &judgement.question);
        let is_later = known
            .is_none_or(|known| (known.time, known.weight) < (judgement.time, judgement.weight));
        let kept = self.position(judgement.key).is_some()
            && is_later
            && (known.is_some() || !self.judgements.is_too_old(&judgement));
        if kept {
            self.judgements.put(judgement);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::DIMENSIONS;
    use crate::encoder::Fingerprint;
    use crate::slot::{Factor, Owner};
    use crate::write::{NewMemory, WhenFull};
    use std::vec::Vec;

    type SmallBank = Bank<4, 32, 8, 2>;

    const QUESTION: &str = "what hums";

    fn direction(seed: usize, other: i8) -> Embedding {
        let mut embedding = Embedding([0; DIMENSIONS]);
        embedding.0[seed] = 127;
        embedding.0[100] = other;
        embedding
    }

    /// Nearest to the first memory, near to the second.
    fn question() -> Embedding {
        let mut embedding = direction(0, 60);
        embedding.0[0] = 80;
        embedding.0[1] = 60;
        embedding
    }

    fn bank() -> (SmallBank, Vec<Key>) {
        let mut bank = SmallBank::new();
        bank.bind(Fingerprint(7)).unwrap();
        let texts = ["red valve", "blue pump", "green hose"]
            .into_iter()
            .enumerate();
        let keys = texts.map(|(seed, text)| {
            let memory = NewMemory {
                owner: Owner(1),
                text,
                embedding: &direction(seed, 90),
                created: Timestamp(seed as u32),
                importance: Factor::ONE,
            };
            bank.add(&memory, WhenFull::Refuse).unwrap().key
        });
        let keys = keys.collect();
        (bank, keys)
    }

    fn asked(bank: &SmallBank, embedding: &Embedding) -> Vec<(Key, f32)> {
        let mut hits = [Hit::default(); 4];
        let options = QueryOptions::of_owner(Owner(1));
        let found = bank
            .query(QUESTION, embedding, &options, &mut hits)
            .unwrap();
        hits[..found]
            .iter()
            .map(|hit| (hit.key, hit.score.total))
            .collect()
    }

    #[test]
    fn what_was_chosen_comes_first_and_taking_back_restores_every_score() {
        let (mut bank, keys) = bank();
        let question = question();
        let before = asked(&bank, &question);
        assert_eq!(before[0].0, keys[0]);
        let mut judge = |verdict| bank.judge(QUESTION, &question, keys[1], verdict, Timestamp(9));
        let judged = judge(Verdict::Positive).unwrap();
        assert!(judged.weight > Weight(0));
        // Said again, it is weighed anew from the same start.
        assert_eq!(judge(Verdict::Positive), Ok(judged));
        let after = asked(&bank, &question);
        assert_eq!(after[0].0, keys[1]);
        let others = |hits: &[(Key, f32)]| -> Vec<_> {
            hits.iter()
                .copied()
                .filter(|hit| hit.0 != keys[1])
                .collect()
        };
        assert_eq!(others(&before), others(&after));
        let near = asked(&bank, &direction(0, 90));
        let lift = |hits: &[(Key, f32)]| hits.iter().find(|hit| hit.0 == keys[1]).unwrap().1;
        assert!(lift(&near) < lift(&after));
        assert_eq!(bank.take_back(keys[1], None), 1);
        assert_eq!(asked(&bank, &question), before);
    }

    #[test]
    fn what_is_wrong_falls_behind_and_what_is_right_teaches_nothing() {
        let (mut bank, keys) = bank();
        let question = question();
        let now = Timestamp(9);
        let right = bank
            .judge(QUESTION, &question, keys[0], Verdict::Positive, now)
            .unwrap();
        assert_eq!((right.weight, bank.judgements().len()), (Weight(0), 0));
        let wrong = bank
            .judge(QUESTION, &question, keys[0], Verdict::Negative, now)
            .unwrap();
        assert!(wrong.weight < Weight(0));
        assert_ne!(asked(&bank, &question)[0].0, keys[0]);
    }

    #[test]
    fn the_oldest_goes_and_a_forgotten_memory_takes_its_judgements_along() {
        let (mut bank, keys) = bank();
        let mut replaced = Vec::new();
        for (time, seed) in [(5, 0), (3, 1), (7, 2)] {
            let question = direction(seed, 60);
            let verdict = Verdict::VeryNegative;
            let judged = bank.judge(QUESTION, &question, keys[seed], verdict, Timestamp(time));
            replaced.push(judged.unwrap().replaced);
        }
        assert_eq!(replaced, [None, None, Some(keys[1])]);
        let judged: Vec<Judgement> = bank.judgements().into();
        assert!(bank.forget(keys[0], Timestamp(8)));
        assert_eq!(bank.judgements(), &judged[1..]);
        assert!(!bank.import_judgement(judged[0]));
        assert!(!bank.import_judgement(judged[1]));
        let unknown = bank.judge(
            QUESTION,
            &direction(0, 0),
            keys[0],
            Verdict::Positive,
            Timestamp(9),
        );
        assert_eq!(unknown, Err(JudgeError::Unknown(keys[0])));
        let mut none = Bank::<4, 32, 8>::new();
        let refused = none.judge(
            QUESTION,
            &direction(0, 0),
            keys[0],
            Verdict::Positive,
            Timestamp(9),
        );
        assert_eq!(refused, Err(JudgeError::NoRoom));
    }
}

//! Learning from what is said of answers, as [`memt_core::bank::Bank`] does it.

use super::Bank;
use super::search::{best, with_question};
use memt_core::bank::{JudgeError, Judged};
use memt_core::embedding::Embedding;
use memt_core::feedback::{Judgement, Lift, Verdict, Weight, lifts, weight};
use memt_core::query::QueryOptions;
use memt_core::slot::{Key, Owner, Timestamp};

/// Judged questions that are kept of an owner; the oldest goes for a new one.
pub const MOST_JUDGED: usize = 256;

impl Bank {
    /// Learns that a memory answers a question, or does not, among the memories of its owner. An earlier
    /// verdict on both is taken back first.
    pub fn judge(
        &mut self,
        text: &str,
        embedding: &Embedding,
        key: Key,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Judged, JudgeError> {
        let weight = self.weigh(text, embedding, key, verdict)?;
        let judgement = Judgement {
            key,
            question: *embedding,
            weight,
            time: now,
        };
        let replaced = self.put_judgement(judgement);
        Ok(Judged {
            weight,
            replaced: replaced.map(|gone| gone.key),
        })
    }

    /// What a verdict would teach; nothing changes.
    pub fn weigh(
        &self,
        text: &str,
        embedding: &Embedding,
        key: Key,
        verdict: Verdict,
    ) -> Result<Weight, JudgeError> {
        let judged = self.get(key).ok_or(JudgeError::Unknown(key))?;
        let owner = judged.facts.owner;
        let others = self.judgements_of(owner).iter();
        let others = others.filter(|kept| kept.key != key || kept.question != *embedding);
        let others: Vec<Judgement> = others.copied().collect();
        let lifts: Vec<Lift> = lifts(&others, embedding).collect();
        let options = QueryOptions::of_owner(owner);
        let partitions = self.partitions_of(Some(owner));
        let weighed = with_question(
            &partitions,
            text,
            embedding,
            &options,
            &lifts,
            |question, surveyed| {
                let hits = best(surveyed, question, &options, 2, None);
                let hits = self.with_lifted(hits, question, &options, 2, None);
                let rival = hits.iter().find(|hit| hit.key != key);
                let rival = rival.and_then(|hit| self.get(hit.key));
                weight(question, judged, rival, verdict)
            },
        );
        weighed.map_err(JudgeError::Question)
    }

    /// Keeps a judgement in the place of an earlier one of the same memory and question, or removes that
    /// if the new one weighs nothing. Returns the oldest of the owner, if it had to go. One whose memory is not here
    /// is not kept.
    pub fn put_judgement(&mut self, judgement: Judgement) -> Option<Judgement> {
        let owner = self.get(judgement.key)?.facts.owner;
        let mut judged = self.judgements_of(owner).to_vec();
        let gone = put(&mut judged, judgement);
        self.set_judgements(owner, judged);
        gone
    }

    /// Replaces what was judged of an owner's memories.
    pub(crate) fn set_judgements(&mut self, owner: Owner, judged: Vec<Judgement>) {
        match judged.is_empty() {
            true => self.judgements.remove(&owner),
            false => self.judgements.insert(owner, judged),
        };
    }

    /// Takes in a judgement from elsewhere; says whether it is kept. One whose memory is not here is not, nor
    /// one that is older than all others where there is no room, or than the one that is here of the same question.
    pub fn import_judgement(&mut self, judgement: Judgement) -> bool {
        let Some(slot) = self.get(judgement.key) else {
            return false;
        };
        let judged = self.judgements_of(slot.facts.owner);
        let known = judged.iter().find(|kept| kept.order(&judgement).is_eq());
        let is_later = known
            .is_none_or(|known| (known.time, known.weight) < (judgement.time, judgement.weight));
        is_later && self.put_judgement(judgement) != Some(judgement)
    }

    /// Takes back what was judged of a memory: for one question, or for all. Returns how many judgements
    /// went.
    pub fn take_back(&mut self, key: Key, question: Option<&Embedding>) -> usize {
        match self.get(key).map(|slot| slot.facts.owner) {
            Some(owner) => self.take_back_of(owner, key, question),
            None => 0,
        }
    }

    pub(super) fn take_back_of(
        &mut self,
        owner: Owner,
        key: Key,
        question: Option<&Embedding>,
    ) -> usize {
        let Some(judged) = self.judgements.get_mut(&owner) else {
            return 0;
        };
        let before = judged.len();
        judged.retain(|kept| {
            kept.key != key || question.is_some_and(|question| kept.question != *question)
        });
        let gone = before - judged.len();
        if judged.is_empty() {
            self.judgements.remove(&owner);
        }
        gone
    }

    /// What was judged of a memory.
    pub fn judgements_on(&self, key: Key) -> &[Judgement] {
        let owner = self.get(key).map(|slot| slot.facts.owner);
        let judged = owner.map_or(&[][..], |owner| self.judgements_of(owner));
        on(judged, key)
    }

    /// What was judged of an owner's memories, in the order of [`Judgement::order`].
    pub fn judgements_of(&self, owner: Owner) -> &[Judgement] {
        self.judgements.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// What was judged of all memories.
    pub fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.judgements.values().flatten()
    }

    /// What judgements do for a question to these owners, or to all.
    pub(super) fn lifts(&self, owners: Option<&[Owner]>, question: &Embedding) -> Vec<Lift> {
        match owners {
            None => {
                let judged = self.judgements.values();
                judged.flat_map(|judged| lifts(judged, question)).collect()
            }
            Some(owners) => {
                let judged = owners.iter().map(|&owner| self.judgements_of(owner));
                judged.flat_map(|judged| lifts(judged, question)).collect()
            }
        }
    }
}

/// The part of `judged` that is about one memory.
pub(crate) fn on(judged: &[Judgement], key: Key) -> &[Judgement] {
    let start = judged.partition_point(|kept| kept.key < key);
    let end = judged.partition_point(|kept| kept.key <= key);
    &judged[start..end]
}

/// Puts a judgement in the place of an earlier one of the same memory and question, or removes that if the
/// new one weighs nothing. Returns the oldest, if it had to go.
pub(crate) fn put(judged: &mut Vec<Judgement>, judgement: Judgement) -> Option<Judgement> {
    judged.retain(|kept| kept.order(&judgement).is_ne());
    if judgement.weight == Weight(0) {
        return None;
    }
    let at = judged.partition_point(|kept| kept.order(&judgement).is_lt());
    judged.insert(at, judgement);
    let oldest = oldest(judged).filter(|_| judged.len() > MOST_JUDGED)?;
    Some(judged.remove(oldest))
}

fn oldest(judged: &[Judgement]) -> Option<usize> {
    let ages = judged.iter().enumerate();
    let oldest = ages.min_by(|a, b| a.1.age_order(b.1));
    oldest.map(|(at, _)| at)
}

//! What a bank holds, for comparison.

use super::device::JUDGED;
use memt_core::bank::{Bank, Deletion, MAX_DELETIONS};
use memt_core::embedding::Embedding;
use memt_core::feedback::Judgement;
use memt_core::slot::{Facts, Key, Owner, Timestamp};
use std::collections::BTreeMap;

/// Whose a memory is, and what it says.
pub(crate) type Told = (Owner, String);

/// Everything about a bank that outlives a power cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    memories: BTreeMap<Key, (String, Facts, Embedding)>,
    order: Vec<Key>,
    deletions: Vec<Deletion>,
    judgements: Vec<Judgement>,
    lost_deletions: u32,
    next_counter: u32,
    origin: u32,
}

impl Content {
    pub(crate) fn of<const SLOTS: usize, const TEXT: usize, const TERMS: usize>(
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
    ) -> Self {
        let memories = bank.owned_by(None).map(|slot| {
            let mut facts = *slot.facts;
            // Counts of reading go to flash when they have doubled.
            facts.accesses = facts.accesses.checked_ilog2().map_or(0, |half| half + 1);
            facts.accessed = Timestamp(0);
            (facts.key, (slot.text.to_owned(), facts, *slot.embedding))
        });
        Self {
            memories: memories.collect(),
            order: bank.owned_by(None).map(|slot| slot.facts.key).collect(),
            deletions: bank.deletions().collect(),
            judgements: bank.judgements().to_vec(),
            lost_deletions: bank.lost_deletions(),
            next_counter: bank.next_counter(),
            origin: bank.origin(),
        }
    }

    /// Whether this may be found when power was lost between two contents: every memory wholly as before
    /// or as after, the deletions those of before and some of the first new ones.
    pub(crate) fn lies_between(&self, before: &Self, after: &Self) -> bool {
        let mut keys = before.memories.keys().chain(after.memories.keys());
        let whole = keys.all(|key| {
            let found = self.memories.get(key);
            found == before.memories.get(key) || found == after.memories.get(key)
        });
        let known =
            |key: &Key| before.memories.contains_key(key) || after.memories.contains_key(key);
        let counted = (before.next_counter..=after.next_counter).contains(&self.next_counter);
        whole
            && counted
            && self.origin == before.origin
            && self.memories.keys().all(known)
            && self.deletions_lie_between(before, after)
            && self.judgements_lie_between(before, after)
    }

    fn judgements_lie_between(&self, before: &Self, after: &Self) -> bool {
        let (old, new) = (&before.judgements, &after.judgements);
        let stays = |judgement: &&Judgement| new.contains(judgement);
        let known = |judgement: &Judgement| old.contains(judgement) || new.contains(judgement);
        old.iter()
            .filter(stays)
            .all(|one| self.judgements.contains(one))
            && self.judgements.iter().all(known)
            && self
                .judgements
                .iter()
                .all(|one| self.memories.contains_key(&one.key))
    }

    fn deletions_lie_between(&self, before: &Self, after: &Self) -> bool {
        let new = after.deletions.iter();
        let new = new.filter(|deletion| !before.deletions.contains(deletion));
        let all: Vec<Deletion> = before.deletions.iter().chain(new).copied().collect();
        (before.deletions.len()..=all.len()).any(|end| {
            let start = end.saturating_sub(MAX_DELETIONS);
            all[start..end] == self.deletions
        })
    }

    /// Whether this is `after` but for the vector of one memory, which is still that of `before`: power was lost between a new
    /// memory and its rival, fitted anew.
    pub(crate) fn lacks_a_fit(&self, before: &Self, after: &Self) -> bool {
        let mut expected = after.clone();
        let mut refitted = 0;
        for (key, memory) in &mut expected.memories {
            if let Some(earlier) = before.memories.get(key)
                && earlier.2 != memory.2
            {
                *memory = earlier.clone();
                refitted += 1;
            }
        }
        refitted == 1 && *self == expected
    }

    /// Owner and text of every memory.
    pub(crate) fn texts(&self) -> BTreeMap<Key, Told> {
        let memories = self.memories.iter();
        memories
            .map(|(&key, (text, facts, _))| (key, (facts.owner, text.clone())))
            .collect()
    }

    /// How many memories of another content are not here as they are there, and those here that are not there: older
    /// versions, and memories that were replaced or forgotten.
    pub(crate) fn compared_with(&self, good: &Self) -> (usize, Vec<(Key, Told)>) {
        let there = |(key, memory): &(&Key, &_)| good.memories.get(key) == Some(memory);
        let same = self.memories.iter().filter(there).count();
        let texts = self.texts().into_iter();
        let others = texts.filter(|(key, _)| self.memories.get(key) != good.memories.get(key));
        (good.memories.len() - same, others.collect())
    }

    pub(crate) fn knows_deleted(&self, key: Key) -> bool {
        self.deletions.iter().any(|deletion| deletion.key == key)
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.order
    }
}

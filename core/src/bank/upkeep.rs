//! Fitting slots among each other, and making room: each call touches one memory, or two that become
//! one.

use super::Bank;
use crate::embedding::Embedding;
use crate::retention;
use crate::slot::{Key, Owner, SlotView, Timestamp};
use crate::write::{Learn, Rivals};

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize> Learn
    for Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    fn memory(&self, key: Key) -> Option<SlotView<'_>> {
        self.get(key)
    }

    fn rivals(&self, key: Key, embedding: &Embedding) -> Option<Rivals<'_>> {
        let memory = self.get(key)?;
        let owner = memory.facts.owner;
        let others = self.owned_by(Some(owner));
        let others = others.filter(|slot| slot.facts.key != key);
        Some(Rivals::of(embedding, memory.terms, others))
    }

    fn having(&self, owner: Owner, term: u32) -> usize {
        let memories = self.owned_by(Some(owner));
        memories.filter(|slot| slot.terms.count(term) > 0).count()
    }

    fn settle(&mut self, key: Key, vector: &Embedding) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            self.slots[at].embedding = *vector;
            self.slots[at].squared_norm = vector.squared_norm();
        }
        at.is_some()
    }
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Merges into `key` the oldest memory that it [repeats](retention::repeats), and forgets that
    /// one; returns its key if there is one.
    pub fn merge_repeated(&mut self, key: Key, now: Timestamp) -> Option<Key> {
        let newer = self.get(key)?;
        let older = {
            let mut others = self.owned_by(Some(newer.facts.owner));
            let older = others.find(|&older| retention::repeats(newer, older))?;
            *older.facts
        };
        self.change(key, |facts| retention::merge(facts, &older));
        self.forget(older.key, now);
        Some(older.key)
    }

    /// Forgets the memory of least retention, of an owner or of all; returns its key.
    pub fn remove_least(&mut self, owner: Option<Owner>, now: Timestamp) -> Option<Key> {
        let key = retention::least_retained(self.owned_by(owner), now)?;
        self.forget(key, now);
        Some(key)
    }
}

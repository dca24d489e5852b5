//! Fitting slots among each other, and making room, as [`memt_core::bank::Bank`] does it.

use super::Bank;
use super::owned_slot::OwnedSlot;
use super::repeats::Repeats;
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::retention;
use memt_core::slot::{Key, Owner, SlotView, Timestamp};
use memt_core::write::rivals::RIVAL_COSINE;
use memt_core::write::{Learn, Rivals};
use rayon::prelude::*;

impl Learn for Bank {
    fn memory(&self, key: Key) -> Option<SlotView<'_>> {
        self.get(key)
    }

    fn rivals(&self, key: Key, embedding: &Embedding) -> Option<Rivals<'_>> {
        let slot = self.get(key)?;
        let near = self.near(slot.facts.owner, embedding, Some(key));
        Some(Rivals::of(embedding, slot.terms, near.into_iter()))
    }

    fn having(&self, owner: Owner, term: u32) -> usize {
        let partition = self.partition(owner);
        partition.map_or(0, |partition| partition.having(term))
    }

    fn settle(&mut self, key: Key, vector: &Embedding) -> bool {
        let Some(place) = self.place(key) else {
            return false;
        };
        self.partition_at_mut(place)
            .set_embedding(place.row, vector);
        true
    }
}

impl Bank {
    /// The memories of an owner that a text with this embedding could be mistaken for, and at least the
    /// nearest, old to new; `except` does not count.
    pub fn near(
        &self,
        owner: Owner,
        embedding: &Embedding,
        except: Option<Key>,
    ) -> Vec<SlotView<'_>> {
        let partition = self.partition(owner);
        partition.map_or_else(Vec::new, |partition| {
            partition.nearest(embedding, except, RIVAL_COSINE)
        })
    }

    /// Merges into `key` the oldest memory that it [repeats](retention::repeats), and forgets that
    /// one; returns its key if there is one.
    pub fn merge_repeated(&mut self, key: Key, now: Timestamp) -> Option<Key> {
        let older = {
            let newer = self.get(key)?;
            let mut others = self.of_owner(newer.facts.owner);
            let older = others.find(|&older| retention::repeats(newer, older))?;
            older.facts.key
        };
        self.merge_into(key, older)?;
        self.import_deletion(Deletion {
            key: older,
            time: now,
        });
        Some(older)
    }

    /// What [`merge_repeated`](Self::merge_repeated) would merge, asked of each memory of an owner, or of
    /// all, from old to new until it merges nothing more: pairs of survivor and merged.
    pub fn repeated(&self, owner: Option<Owner>) -> Vec<(Key, Key)> {
        let owners: Vec<Owner> = match owner {
            Some(owner) => vec![owner],
            None => self.owners().collect(),
        };
        let of_owners = owners.into_par_iter();
        let pairs = of_owners.flat_map_iter(|owner| self.repeated_of(owner));
        pairs.collect()
    }

    fn repeated_of(&self, owner: Owner) -> Vec<(Key, Key)> {
        let memories: Vec<SlotView<'_>> = self.of_owner(owner).collect();
        let mut repeats = Repeats::among(&memories);
        let pairs = memories.iter().flat_map(|&newer| {
            let repeated = repeats.take_repeated(newer).into_iter();
            repeated.map(move |older| (newer.facts.key, older.facts.key))
        });
        pairs.collect()
    }

    /// Merges a memory into `key` and takes it out.
    pub fn merge_into(&mut self, key: Key, older: Key) -> Option<OwnedSlot> {
        let older = self.take(older)?;
        self.change(key, |facts| retention::merge(facts, &older.facts));
        Some(older)
    }

    /// Forgets the memory of least retention, of an owner or of all; returns its key.
    pub fn remove_least(&mut self, owner: Option<Owner>, now: Timestamp) -> Option<Key> {
        let key = retention::least_retained(self.owned_by(owner), now)?;
        self.forget(key, now);
        Some(key)
    }

    /// What [`remove_least`](Self::remove_least) would remove, in order, until `keep` are left.
    pub fn least_retained(&self, owner: Option<Owner>, keep: usize, now: Timestamp) -> Vec<Key> {
        let retained = self.owned_by(owner).map(|slot| {
            let retention = retention::retention(slot.facts, now);
            (retention, slot.facts.key)
        });
        let mut retained: Vec<(f32, Key)> = retained.collect();
        // Stable, so the older of equals goes first.
        retained.sort_by(|a, b| a.0.total_cmp(&b.0));
        retained.truncate(retained.len().saturating_sub(keep));
        retained.into_iter().map(|(_, key)| key).collect()
    }

    fn of_owner(&self, owner: Owner) -> impl Iterator<Item = SlotView<'_>> {
        self.partition(owner)
            .into_iter()
            .flat_map(|partition| partition.by_age())
    }
}

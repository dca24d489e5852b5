//! Changing and removing memories, and taking them in from elsewhere.

use super::Bank;
use super::owned_slot::OwnedSlot;
use super::partition::Partition;
use super::places::Place;
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::retention;
use memt_core::slot::{Facts, Key, Owner, SlotView, Timestamp};
use memt_core::write::Learn;

impl Bank {
    /// Notes that a memory was read; says whether it is there.
    pub fn record_access(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::record_access(facts, now))
    }

    /// Rehearses a memory; says whether it is there.
    pub fn replay(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::replay(facts, now))
    }

    pub(super) fn change(&mut self, key: Key, change: impl FnOnce(&mut Facts)) -> bool {
        let Some(place) = self.place(key) else {
            return false;
        };
        self.partition_at_mut(place).change_facts(place.row, change);
        true
    }

    /// Forgets a memory and remembers that it was; says whether it was there.
    pub fn forget(&mut self, key: Key, now: Timestamp) -> bool {
        let found = self.take(key).is_some();
        if found {
            self.deletions.insert(key, now);
        }
        found
    }

    /// Forgets every memory of an owner, or all; returns how many.
    pub fn forget_all(&mut self, owner: Option<Owner>, now: Timestamp) -> usize {
        let keys: Vec<Key> = self.keys_of(owner);
        for &key in &keys {
            self.deletions.insert(key, now);
        }
        let owners: Vec<Owner> = match owner {
            Some(owner) => vec![owner],
            None => self.owners().collect(),
        };
        for owner in owners {
            self.remove_partition(owner);
        }
        keys.len()
    }

    fn remove_partition(&mut self, owner: Owner) {
        self.judgements.remove(&owner);
        let Some(number) = self.owners.remove(&owner) else {
            return;
        };
        for row in self.partitions[number as usize].rows() {
            let place = Place {
                partition: number,
                row,
            };
            self.places.remove(place, &self.partitions);
        }
        self.partitions[number as usize] = Partition::default();
        self.free.push(number);
    }

    /// The keys of an owner's memories, or of all, old to new.
    pub fn keys_of(&self, owner: Option<Owner>) -> Vec<Key> {
        self.owned_by(owner).map(|slot| slot.facts.key).collect()
    }

    /// Takes a memory out without remembering that it was there.
    pub fn take(&mut self, key: Key) -> Option<OwnedSlot> {
        let place = self.place(key)?;
        self.places.remove(place, &self.partitions);
        let partition = self.partition_at_mut(place);
        let slot = partition.remove(place.row);
        let (is_empty, is_worn) = (partition.len() == 0, partition.is_worn());
        self.take_back_of(slot.facts.owner, key, None);
        if is_empty {
            self.remove_partition(slot.facts.owner);
        } else if is_worn {
            self.rebuild(place.partition);
        }
        Some(slot)
    }

    /// Gives back the room of removed memories.
    fn rebuild(&mut self, number: u32) {
        let places = |partition: &Partition| -> Vec<Place> {
            let rows = partition.rows();
            rows.map(|row| Place {
                partition: number,
                row,
            })
            .collect()
        };
        for place in places(&self.partitions[number as usize]) {
            self.places.remove(place, &self.partitions);
        }
        let rebuilt = self.partitions[number as usize].renewed();
        self.partitions[number as usize] = rebuilt;
        for place in places(&self.partitions[number as usize]) {
            self.places.insert(place, &self.partitions);
        }
    }

    /// The deletions, by key.
    pub fn deletions(&self) -> impl Iterator<Item = Deletion> + '_ {
        self.deletions
            .iter()
            .map(|(&key, &time)| Deletion { key, time })
    }

    /// Takes in a memory from elsewhere under its own key; says whether it was new.
    pub fn import(&mut self, slot: OwnedSlot) -> bool {
        self.import_view(slot.view(), slot.metadata())
    }

    /// As [`import`](Self::import), of a memory whose parts lie elsewhere.
    pub(crate) fn import_view(&mut self, slot: SlotView<'_>, metadata: &[u8]) -> bool {
        let key = slot.facts.key;
        if self.deletions.contains_key(&key) || self.place(key).is_some() {
            return false;
        }
        self.insert(slot, metadata);
        self.skip_used_key(key);
        true
    }

    /// Takes in a deletion from elsewhere: the memory goes if it was written no later. Says whether
    /// the deletion is now remembered and was not before.
    pub fn import_deletion(&mut self, deletion: Deletion) -> bool {
        let Deletion { key, time } = deletion;
        if let Some(slot) = self.get(key) {
            if slot.facts.created > time {
                return false;
            }
            self.take(key);
        }
        let new = !self.deletions.contains_key(&key);
        self.deletions.entry(key).or_insert(time);
        self.skip_used_key(key);
        new
    }

    /// Takes back a deletion that was not made durable.
    pub(crate) fn forget_deletion(&mut self, key: Key) {
        self.deletions.remove(&key);
    }

    /// Gives a memory the facts and the vector that it had before.
    pub(crate) fn restore(&mut self, facts: Facts, embedding: &Embedding) {
        self.change(facts.key, |now| *now = facts);
        self.settle(facts.key, embedding);
    }

    fn skip_used_key(&mut self, key: Key) {
        if key.origin == self.origin {
            self.next_counter = self.next_counter.max(key.counter.saturating_add(1));
        }
    }
}

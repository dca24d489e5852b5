//! Where memories lie, by key.

use super::partition::Partition;
use hashbrown::{DefaultHashBuilder, HashTable};
use memt_core::slot::Key;
use std::hash::BuildHasher;

/// Where a memory lies; rows change when a partition is rebuilt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) partition: u32,
    pub(super) row: u32,
}

impl Place {
    fn key(self, partitions: &[Partition]) -> Key {
        partitions[self.partition as usize].key(self.row)
    }
}

/// The places of all memories. Keys are not kept here: they are read where the memories lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    table: HashTable<Place>,
    hasher: DefaultHashBuilder,
}

impl Places {
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Bytes that the table takes.
    pub(super) fn bytes(&self) -> usize {
        self.table.allocation_size()
    }

    pub(super) fn reserve(&mut self, more: usize, partitions: &[Partition]) {
        let Self { table, hasher } = self;
        table.reserve(more, |place| hasher.hash_one(place.key(partitions)));
    }

    pub(super) fn get(&self, key: Key, partitions: &[Partition]) -> Option<Place> {
        let hash = self.hasher.hash_one(key);
        let is_it = |place: &Place| place.key(partitions) == key;
        self.table.find(hash, is_it).copied()
    }

    /// Notes the place of a memory that lies there already.
    pub(super) fn insert(&mut self, place: Place, partitions: &[Partition]) {
        let Self { table, hasher } = self;
        let hash = |place: &Place| hasher.hash_one(place.key(partitions));
        table.insert_unique(hash(&place), place, hash);
    }

    /// Removes the place of a memory that still lies there.
    pub(super) fn remove(&mut self, place: Place, partitions: &[Partition]) {
        let hash = self.hasher.hash_one(place.key(partitions));
        if let Ok(entry) = self.table.find_entry(hash, |other| *other == place) {
            entry.remove();
        }
    }
}

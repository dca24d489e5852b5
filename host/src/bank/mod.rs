//! The growable bank: any number of memories of any number of owners.
//!
//! It is composed of the same pure functions as [`memt_core::bank::Bank`] and answers alike, hit for
//! hit and bit for bit, wherever the static bank has room. Beyond it, texts may be 4 MiB long, terms
//! are not limited, every deletion is remembered, metadata is kept, and all cores search. A
//! question about one owner reads only that owner's memories.

mod age;
mod approximate;
mod block;
mod candidates;
mod change;
#[cfg(feature = "approximate")]
mod graph;
#[cfg(not(feature = "approximate"))]
#[path = "no_graph.rs"]
mod graph;
mod index;
mod judge;
mod kernel;
mod long_rows;
mod owned_slot;
mod partition;
mod places;
mod removed_rows;
mod repeats;
mod search;
mod terms;
mod upkeep;

pub use approximate::ApproximateError;
pub use judge::MOST_JUDGED;
pub(crate) use judge::{on as judgements_on, put as put_judgement};
pub use owned_slot::{MAX_TEXT_BYTES, OwnedSlot};
pub use search::Accepts;
pub(crate) use terms::{Signature, are_distinct};

use memt_core::bank::{AddError, BankStatistics, OtherModel};
use memt_core::encoder::Fingerprint;
use memt_core::feedback::Judgement;
use memt_core::slot::{Key, Owner, SlotView, Timestamp};
use memt_core::write::{Verification, WriteReport};
use partition::Partition;
use places::{Place, Places};
use std::collections::BTreeMap;

/// Memories of many owners, in memory.
#[derive(Clone, Debug, Default)]
pub struct Bank {
    /// One for each owner, and emptied ones for owners to come.
    partitions: Vec<Partition>,
    owners: BTreeMap<Owner, u32>,
    free: Vec<u32>,
    places: Places,
    deletions: BTreeMap<Key, Timestamp>,
    /// Of each owner, in their order.
    judgements: BTreeMap<Owner, Vec<Judgement>>,
    fingerprint: Option<Fingerprint>,
    origin: u32,
    next_counter: u32,
    /// Memories from which an owner has an approximate index; none without.
    approximate_from: Option<usize>,
}

impl Bank {
    /// A bank without memories, whose keys have origin 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the origin of keys that this bank gives: a number that no other bank has, nor this one
    /// had before.
    pub fn set_origin(&mut self, origin: u32) {
        if origin != self.origin {
            self.origin = origin;
            self.next_counter = 0;
            let memories = self.owners.values().flat_map(|&number| {
                let partition = &self.partitions[number as usize];
                partition.rows().map(|row| partition.key(row))
            });
            let used = memories.chain(self.deletions.keys().copied());
            let used = used.filter(|key| key.origin == origin);
            self.next_counter = used
                .map(|key| key.counter.saturating_add(1))
                .max()
                .unwrap_or(0);
        }
    }

    /// The origin of this bank's keys.
    pub fn origin(&self) -> u32 {
        self.origin
    }

    /// The counter of the next key.
    pub fn next_counter(&self) -> u32 {
        self.next_counter
    }

    /// Skips counters that were given before, in another run of the program.
    pub fn skip_to_counter(&mut self, counter: u32) {
        self.next_counter = self.next_counter.max(counter);
    }

    /// Gives counters again that were given to memories which are gone without a trace.
    pub(crate) fn set_next_counter(&mut self, counter: u32) {
        self.next_counter = counter;
    }

    /// Declares the model of the embeddings to come. A bank with memories keeps its model.
    pub fn bind(&mut self, fingerprint: Fingerprint) -> Result<(), OtherModel> {
        match self.fingerprint {
            Some(bank) if bank != fingerprint && !self.is_empty() => Err(OtherModel {
                bank,
                offered: fingerprint,
            }),
            _ => {
                self.fingerprint = Some(fingerprint);
                Ok(())
            }
        }
    }

    /// Binds a bank whose embeddings are all being replaced. Judged questions of another model mean nothing any
    /// more, and go.
    pub fn rebind(&mut self, fingerprint: Fingerprint) {
        if self.fingerprint != Some(fingerprint) {
            self.judgements.clear();
        }
        self.fingerprint = Some(fingerprint);
    }

    /// Makes room for memories to come.
    pub fn reserve(&mut self, memories: usize) {
        self.places.reserve(memories, &self.partitions);
    }

    /// The model of the embeddings, once bound.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// Writes a memory under a new key and reads it back. Nothing changes when it is refused.
    ///
    /// Reading back compares with all memories of the owner; [`Bank::write`] does without.
    pub fn add(&mut self, slot: OwnedSlot) -> Result<WriteReport, AddError> {
        let verification = self.verify(&slot);
        let key = self.write(slot)?;
        Ok(WriteReport {
            key,
            verification,
            evicted: None,
        })
    }

    /// How a memory would answer to its own text among the memories of its owner.
    pub fn verify(&self, slot: &OwnedSlot) -> Verification {
        match self.partition(slot.facts.owner) {
            Some(partition) => partition.verify(&slot.embedding),
            None => Partition::default().verify(&slot.embedding),
        }
    }

    /// Writes a memory under a new key. Nothing changes when it is refused.
    pub fn write(&mut self, mut slot: OwnedSlot) -> Result<Key, AddError> {
        if self.fingerprint.is_none() {
            return Err(AddError::Unbound);
        }
        let counter = self.next_counter;
        self.next_counter = counter.checked_add(1).ok_or(AddError::KeysExhausted)?;
        slot.facts.key = Key {
            origin: self.origin,
            counter,
        };
        let key = slot.facts.key;
        self.insert(slot.view(), slot.metadata());
        Ok(key)
    }

    fn insert(&mut self, slot: SlotView<'_>, metadata: &[u8]) {
        let owner = slot.facts.owner;
        let number = match self.owners.get(&owner) {
            Some(&number) => number,
            None => self.new_partition(owner),
        };
        let row = self.partitions[number as usize].insert(slot, metadata);
        let place = Place {
            partition: number,
            row,
        };
        self.places.insert(place, &self.partitions);
        self.index_written(number);
    }

    fn new_partition(&mut self, owner: Owner) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.partitions.push(Partition::default());
            (self.partitions.len() - 1) as u32
        });
        self.owners.insert(owner, number);
        number
    }

    fn partition(&self, owner: Owner) -> Option<&Partition> {
        let number = *self.owners.get(&owner)?;
        Some(&self.partitions[number as usize])
    }

    fn place(&self, key: Key) -> Option<Place> {
        self.places.get(key, &self.partitions)
    }

    fn partition_at(&self, place: Place) -> &Partition {
        &self.partitions[place.partition as usize]
    }

    fn partition_at_mut(&mut self, place: Place) -> &mut Partition {
        &mut self.partitions[place.partition as usize]
    }

    /// The memory of this name.
    pub fn get(&self, key: Key) -> Option<SlotView<'_>> {
        let place = self.place(key)?;
        Some(self.partition_at(place).view(place.row))
    }

    /// The memory of this name and what the host keeps beside it.
    pub fn whole(&self, key: Key) -> Option<(SlotView<'_>, &[u8])> {
        Some((self.get(key)?, self.metadata(key)?))
    }

    /// What the host keeps beside the memory of this name.
    pub fn metadata(&self, key: Key) -> Option<&[u8]> {
        let place = self.place(key)?;
        Some(self.partition_at(place).metadata(place.row))
    }

    /// The memories of an owner, or of all, old to new.
    pub fn owned_by(&self, owner: Option<Owner>) -> impl Iterator<Item = SlotView<'_>> {
        age::merge(self.partitions_of(owner))
    }

    /// The owners that have memories, ascending.
    pub fn owners(&self) -> impl Iterator<Item = Owner> + '_ {
        self.owners.keys().copied()
    }

    fn partitions_of(&self, owner: Option<Owner>) -> Vec<&Partition> {
        match owner {
            Some(owner) => self.partition(owner).into_iter().collect(),
            None => {
                let numbers = self.owners.values();
                numbers
                    .map(|&number| &self.partitions[number as usize])
                    .collect()
            }
        }
    }

    /// Memories in the bank.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the bank takes, but for deletions and approximate indexes.
    pub fn bytes(&self) -> usize {
        let partitions: usize = self.partitions.iter().map(Partition::bytes).sum();
        partitions + self.partitions.capacity() * size_of::<Partition>() + self.places.bytes()
    }

    /// Counts over an owner's memories, or over all.
    pub fn statistics(&self, owner: Option<Owner>) -> BankStatistics {
        let mut statistics = BankStatistics::default();
        for partition in self.partitions_of(owner) {
            let slots = partition.rows().map(|row| partition.view(row));
            slots.for_each(|slot| statistics.observe(slot));
        }
        statistics
    }
}

#[cfg(test)]
mod tests;

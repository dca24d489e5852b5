//! A bank of fixed size: the memory of a device.

mod add;
mod error;
mod forget;
mod judge;
mod query;
mod restore;
mod statistics;
#[cfg(test)]
mod tests;
mod transfer;
mod upkeep;

pub use error::{AddError, JudgeError, OtherModel, QueryError};
pub use judge::Judged;
pub use restore::Restoration;
pub use statistics::BankStatistics;

use crate::embedding::Embedding;
use crate::encoder::Fingerprint;
use crate::feedback::Judgements;
use crate::retention;
use crate::slot::{Facts, Key, Owner, Slot, SlotView, Timestamp};
use heapless::{Deque, Vec};
use serde::{Deserialize, Serialize};

/// Deletions that a bank remembers, so that a later merge does not bring the memories back.
pub const MAX_DELETIONS: usize = 32;

/// A memory that was forgotten on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Which one.
    pub key: Key,
    /// When.
    pub time: Timestamp,
}

/// Up to `SLOTS` memories of up to `TEXT` bytes and `TERMS` distinct terms each, and up to `JUDGED` questions
/// whose answers were judged, of 144 bytes each.
///
/// All state is in the value and a new bank is all zero bytes, so a `static` one lies in `.bss`.
/// Slots are ordered from old to new.
#[derive(Debug)]
pub struct Bank<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize = 0>
{
    slots: Vec<Slot<TEXT, TERMS>, SLOTS>,
    judgements: Judgements<JUDGED>,
    deletions: Deque<Deletion, MAX_DELETIONS>,
    lost_deletions: u32,
    fingerprint: Option<Fingerprint>,
    origin: u32,
    next_counter: u32,
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// A bank without memories.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            judgements: Judgements::new(),
            deletions: Deque::new(),
            lost_deletions: 0,
            fingerprint: None,
            origin: 0,
            next_counter: 0,
        }
    }

    /// Sets the origin of keys that this bank gives: a number that no other bank has, nor this one
    /// had before.
    pub fn set_origin(&mut self, origin: u32) {
        if origin != self.origin {
            self.origin = origin;
            self.next_counter = 0;
            self.skip_used_keys();
        }
    }

    /// The origin of this bank's keys.
    pub fn origin(&self) -> u32 {
        self.origin
    }

    /// Declares the model of the embeddings to come. A bank with memories keeps its model.
    pub fn bind(&mut self, fingerprint: Fingerprint) -> Result<(), OtherModel> {
        match self.fingerprint {
            Some(bank) if bank != fingerprint && !self.slots.is_empty() => Err(OtherModel {
                bank,
                offered: fingerprint,
            }),
            _ => {
                self.fingerprint = Some(fingerprint);
                Ok(())
            }
        }
    }

    /// Binds a bank whose embeddings will all be replaced: see [`reencode`](Self::reencode). Judged
    /// questions of another model mean nothing any more, and go.
    pub fn rebind(&mut self, fingerprint: Fingerprint) {
        if self.fingerprint != Some(fingerprint) {
            self.judgements.remove(|_| true);
        }
        self.fingerprint = Some(fingerprint);
    }

    /// The model of the embeddings, once bound.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// Puts a slot in its place by age.
    fn insert(&mut self, slot: Slot<TEXT, TERMS>) -> Result<(), AddError> {
        let order = slot.facts.age_order();
        let at = self
            .slots
            .partition_point(|other| other.facts.age_order() < order);
        self.slots
            .insert(at, slot)
            .map_err(|_| AddError::Full { capacity: SLOTS })
    }

    fn skip_used_keys(&mut self) {
        let used = self.slots.iter().map(|slot| slot.facts.key);
        let used = used.chain(self.deletions.iter().map(|deletion| deletion.key));
        for key in used.filter(|key| key.origin == self.origin) {
            self.next_counter = self.next_counter.max(key.counter.saturating_add(1));
        }
    }

    /// Takes out the memory at a position, with what was judged of it.
    fn remove(&mut self, at: usize) {
        let key = self.slots.remove(at).facts.key;
        self.judgements.remove(|judgement| judgement.key == key);
    }

    /// The memories of an owner, or of all, old to new.
    pub fn owned_by(&self, owner: Option<Owner>) -> impl Iterator<Item = SlotView<'_>> {
        self.slots
            .iter()
            .filter(move |slot| owner.is_none_or(|owner| slot.facts.owner == owner))
            .map(Slot::view)
    }

    /// The memory of this name.
    pub fn get(&self, key: Key) -> Option<SlotView<'_>> {
        self.position(key).map(|at| self.slots[at].view())
    }

    /// Where a memory is, counted from old to new.
    pub fn position(&self, key: Key) -> Option<usize> {
        self.slots.iter().position(|slot| slot.facts.key == key)
    }

    /// Notes that a memory was read; says whether it is there.
    pub fn record_access(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::record_access(facts, now))
    }

    /// Rehearses a memory; says whether it is there.
    pub fn replay(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::replay(facts, now))
    }

    fn change(&mut self, key: Key, change: impl FnOnce(&mut Facts)) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            change(&mut self.slots[at].facts);
        }
        at.is_some()
    }

    /// Gives the memory at a position, from old to new, the embedding of the model that the bank is
    /// bound to; says whether there is one. For memories that another model has encoded.
    pub fn reencode(&mut self, position: usize, embedding: &Embedding) -> bool {
        let slot = self.slots.get_mut(position);
        slot.map(|slot| {
            slot.embedding = *embedding;
            slot.squared_norm = embedding.squared_norm();
        })
        .is_some()
    }

    /// The memory at a position, from old to new.
    pub fn at(&self, position: usize) -> Option<SlotView<'_>> {
        self.slots.get(position).map(Slot::view)
    }

    /// The least retained memory.
    pub fn least_retained_key(&self, now: Timestamp) -> Option<Key> {
        retention::least_retained(self.owned_by(None), now)
    }

    /// The counter of the next key that this bank gives: none given before is as large.
    pub fn next_counter(&self) -> u32 {
        self.next_counter
    }

    /// Memories in the bank.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Most memories the bank can hold.
    pub const fn capacity(&self) -> usize {
        SLOTS
    }

    /// Counts over an owner's memories, or over all.
    pub fn statistics(&self, owner: Option<Owner>) -> BankStatistics {
        let mut statistics = BankStatistics::default();
        self.owned_by(owner)
            .for_each(|slot| statistics.observe(slot));
        statistics
    }
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize> Default
    for Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    fn default() -> Self {
        Self::new()
    }
}

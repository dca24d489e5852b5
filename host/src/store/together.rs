//! Changes in two steps, so that readers need not wait for the disk.
//!
//! A service shares its store between threads behind a lock. One thread makes all changes: it
//! makes them durable while others read ([`Store::make_durable`]), and then keeps everybody out for as
//! long as it takes to change memory ([`Store::take_in`]).

use super::Store;
use super::error::StoreError;
use super::write::{NewEntry, Planned};
use crate::model::TextEncoder;
use memt_core::bank::Deletion;
use memt_core::slot::{Key, Timestamp};
use memt_core::write::{FitWeights, Learn, Learned};

/// Changes to be made all at once or not at all.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Memories to add. One whose external id is in use takes the place of the one that has it.
    pub add: Vec<NewEntry>,
    /// Memories to forget; those that are not there are left out.
    pub forget: Vec<Deletion>,
    /// Notes to set, or to remove.
    pub notes: Vec<(u64, Option<Vec<u8>>)>,
}

impl Change {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.forget.is_empty() && self.notes.is_empty()
    }
}

/// Changes that are on disk and not yet in memory.
#[derive(Debug)]
#[must_use = "memory has to take in what is on disk"]
pub struct Durable {
    planned: Vec<Planned>,
    forgotten: Vec<Deletion>,
    notes: Vec<(u64, Option<Vec<u8>>)>,
    stored: Vec<Key>,
}

impl Store {
    /// Makes changes durable, and with them what [`fit_later`](Self::fit_later) and
    /// [`record_access_later`](Self::record_access_later) have left. Nothing else may change the store
    /// until it has taken in what is returned.
    pub fn make_durable(&self, change: Change) -> Result<Durable, StoreError> {
        let planned = self.plan(change.add)?;
        let mut forgotten = change.forget;
        forgotten.retain(|deletion| self.bank.get(deletion.key).is_some());
        let gone = |key: &Key| {
            let replaced = planned.iter().any(|plan| plan.replaced == Some(*key));
            replaced || forgotten.iter().any(|deletion| deletion.key == *key)
        };
        let stored: Vec<Key> = self
            .dirty
            .iter()
            .copied()
            .filter(|key| !gone(key))
            .collect();
        let mut changes = self.changes();
        self.put_all(&mut changes, &stored)?;
        let next = self.put_planned(&mut changes, &planned)?;
        for &deletion in &forgotten {
            if let Some(owner) = self.owner_of(deletion.key) {
                changes.deletion(owner, deletion)?;
            }
        }
        for (number, bytes) in &change.notes {
            changes.note(*number, bytes.as_deref())?;
        }
        self.put_down(changes, next)?;
        Ok(Durable {
            planned,
            forgotten,
            notes: change.notes,
            stored,
        })
    }

    /// Takes in what is durable; the keys of the new memories, in their order.
    pub fn take_in(&mut self, durable: Durable) -> Vec<Key> {
        self.count_change();
        for key in durable.stored {
            self.dirty.remove(&key);
        }
        let keys = durable.planned.into_iter().map(|plan| {
            let key = plan.slot.facts.key;
            self.keep(plan);
            key
        });
        let keys = keys.collect();
        for Deletion { key, time } in durable.forgotten {
            self.names.forget_id(key);
            self.bank.forget(key, time);
        }
        for (number, bytes) in durable.notes {
            match bytes {
                Some(bytes) => self.notes.insert(number, bytes.into()),
                None => self.notes.remove(&number),
            };
        }
        keys
    }

    /// Whether there is a memory that this one could be mistaken for.
    pub fn has_rivals(&self, key: Key) -> bool {
        let memory = self.bank.get(key);
        let rivals = memory.and_then(|memory| self.bank.rivals(key, memory.embedding));
        rivals.is_some_and(|rivals| !rivals.is_empty())
    }

    /// As [`learn`](Self::learn), in memory at once and on disk with the next change: the memories
    /// themselves are durable already, and a crash only costs them what was fitted.
    pub fn fit_later(&mut self, key: Key, encoder: &TextEncoder<'_>) -> Result<(), StoreError> {
        let encode = |text: &str| encoder.encode_one(text);
        let learned = self.bank.learn(key, FitWeights::default(), encode);
        if let Some(Learned { rival, .. }) = learned.map_err(StoreError::Scratch)? {
            self.dirty.insert(key);
            self.dirty.extend(rival.map(|(rival, _)| rival));
        }
        Ok(())
    }

    /// As [`record_access`](Self::record_access), in memory at once and on disk with the next change.
    pub fn record_access_later(&mut self, key: Key, now: Timestamp) {
        if self.bank.record_access(key, now) {
            self.dirty.insert(key);
        }
    }

    /// Whether [`make_durable`](Self::make_durable) has something to store even without changes.
    pub fn has_unstored(&self) -> bool {
        !self.dirty.is_empty()
    }
}

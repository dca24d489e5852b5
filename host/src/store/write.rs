//! Changes: each is one batch of rows and reaches memory only after it is durable.

use super::Store;
use super::error::StoreError;
use super::names::NewName;
use super::record::{Note, StoredMemory, lexicon};
use super::storage::Batch;
use super::tables::{Head, THIS_FORMAT, Table, pack};
use crate::bank::OwnedSlot;
use memt_core::bank::{AddError, Deletion};
use memt_core::retention;
use memt_core::slot::{Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::MemoryRecord;
use memt_core::write::Verification;
use std::collections::HashMap;

/// A memory to be added.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The memory; its owner is set from `owner_name`.
    pub slot: OwnedSlot,
    /// Whose it is.
    pub owner_name: String,
    /// The caller's own name for it; one that is in use moves to the new memory, and the old memory
    /// is forgotten.
    pub external_id: Option<String>,
}

/// What an addition did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// The new memory's name.
    pub key: Key,
    /// How it answers to its own text.
    pub verification: Verification,
    /// The memory that had the external id before.
    pub replaced: Option<Key>,
}

/// An entry with everything decided.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) slot: OwnedSlot,
    new_name: Option<String>,
    external_id: Option<String>,
    pub(super) replaced: Option<Key>,
}

/// Changes of a store that are about to be made durable.
pub(super) struct Changes {
    batch: Batch,
    buffer: Vec<u8>,
}

impl Changes {
    /// Sets the row of a memory.
    pub(super) fn memory(
        &mut self,
        slot: SlotView<'_>,
        metadata: &[u8],
        id: Option<&str>,
    ) -> Result<(), StoreError> {
        let record = MemoryRecord::of(slot, metadata);
        let key = pack(slot.facts.key);
        let mut buffer = std::mem::take(&mut self.buffer);
        let stored = StoredMemory::new(record, id, slot.terms, &mut buffer);
        let put = self.batch.put(Table::Memories, key, &stored);
        self.buffer = buffer;
        put.map_err(StoreError::Encoding)
    }

    /// Names an owner.
    pub(super) fn owner(&mut self, owner: Owner, name: &str) -> Result<(), StoreError> {
        let put = self.batch.put(Table::Owners, owner.0, &name);
        put.map_err(StoreError::Encoding)
    }

    /// Sets a note of a service, or removes it.
    pub(super) fn note(&mut self, number: u64, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        let Some(bytes) = bytes else {
            self.batch.remove(Table::Notes, number);
            return Ok(());
        };
        let put = self
            .batch
            .put(Table::Notes, number, &Note { number, bytes });
        put.map_err(StoreError::Encoding)
    }

    /// Removes a memory and notes its deletion.
    pub(super) fn deletion(&mut self, deletion: Deletion) -> Result<(), StoreError> {
        let key = pack(deletion.key);
        self.batch.remove(Table::Memories, key);
        let put = self.batch.put(Table::Deletions, key, &deletion);
        put.map_err(StoreError::Encoding)
    }
}

impl Store {
    /// No changes yet.
    pub(super) fn changes(&self) -> Changes {
        Changes {
            batch: Batch::new(self.revision + 1),
            buffer: Vec::new(),
        }
    }

    /// Makes changes durable; when this returns without an error, they are. `next_counter` is that of
    /// the bank after them.
    pub(super) fn commit(&mut self, changes: Changes, next_counter: u32) -> Result<(), StoreError> {
        self.revision = self.put_down(changes, next_counter)?;
        Ok(())
    }

    /// As [`commit`](Self::commit), except that the store still has to learn the revision returned.
    pub(super) fn put_down(
        &self,
        mut changes: Changes,
        next_counter: u32,
    ) -> Result<u64, StoreError> {
        let head = Head {
            format: THIS_FORMAT,
            fingerprint: self.bank.fingerprint().unwrap_or_default().0,
            origin: self.bank.origin(),
            next_counter,
            revision: self.revision + 1,
            lexicon: lexicon(),
        };
        let put = changes.batch.put(Table::Head, 0, &head);
        put.map_err(StoreError::Encoding)?;
        self.storage.commit(&changes.batch)?;
        Ok(head.revision)
    }

    /// Adds memories, all or none, and reads each back among all of its owner.
    pub fn add(&mut self, entries: Vec<NewEntry>) -> Result<Vec<Added>, StoreError> {
        let planned = self.store_new(entries)?;
        let added = planned.into_iter().map(|plan| {
            let verification = self.bank.verify(&plan.slot);
            let (key, replaced) = (plan.slot.facts.key, plan.replaced);
            self.keep(plan);
            Added {
                key,
                verification,
                replaced,
            }
        });
        Ok(added.collect())
    }

    /// Adds memories, all or none, without reading them back: for many at once. Gives their keys.
    pub fn write(&mut self, entries: Vec<NewEntry>) -> Result<Vec<Key>, StoreError> {
        let planned = self.store_new(entries)?;
        let keys = planned.into_iter().map(|plan| {
            let key = plan.slot.facts.key;
            self.keep(plan);
            key
        });
        Ok(keys.collect())
    }

    fn store_new(&mut self, entries: Vec<NewEntry>) -> Result<Vec<Planned>, StoreError> {
        let planned = self.plan(entries)?;
        let mut changes = self.changes();
        let next = self.put_planned(&mut changes, &planned)?;
        self.commit(changes, next)?;
        Ok(planned)
    }

    /// Sets the rows of new memories; returns the counter after them.
    pub(super) fn put_planned(
        &self,
        changes: &mut Changes,
        planned: &[Planned],
    ) -> Result<u32, StoreError> {
        let mut next = self.bank.next_counter();
        for plan in planned {
            if let Some(replaced) = plan.replaced {
                changes.deletion(Deletion {
                    key: replaced,
                    time: plan.slot.facts.created,
                })?;
            }
            let id = plan.external_id.as_deref();
            changes.memory(plan.slot.view(), plan.slot.metadata(), id)?;
            if let Some(name) = &plan.new_name {
                changes.owner(plan.slot.facts.owner, name)?;
            }
            next = plan.slot.facts.key.counter.saturating_add(1);
        }
        Ok(next)
    }

    pub(super) fn plan(&self, entries: Vec<NewEntry>) -> Result<Vec<Planned>, StoreError> {
        let mut next = self.bank.next_counter();
        let mut ids: HashMap<(Owner, String), Key> = HashMap::new();
        let mut planned = Vec::with_capacity(entries.len());
        for entry in entries {
            let mut slot = entry.slot;
            let NewName { owner, name } = self.names.owner(&entry.owner_name)?;
            slot.facts.owner = owner;
            slot.facts.key = Key {
                origin: self.bank.origin(),
                counter: next,
            };
            next = next.checked_add(1).ok_or(AddError::KeysExhausted)?;
            let replaced = entry.external_id.as_ref().and_then(|id| {
                let earlier = ids.insert((owner, id.clone()), slot.facts.key);
                earlier.or_else(|| self.names.key(owner, id))
            });
            planned.push(Planned {
                slot,
                new_name: name,
                external_id: entry.external_id,
                replaced,
            });
        }
        Ok(planned)
    }

    /// Takes what is durable into memory.
    pub(super) fn keep(&mut self, plan: Planned) {
        let (key, owner) = (plan.slot.facts.key, plan.slot.facts.owner);
        if let Some(replaced) = plan.replaced {
            self.names.forget_id(replaced);
            self.bank.forget(replaced, plan.slot.facts.created);
        }
        if let Some(name) = plan.new_name {
            self.names.learn_owner(owner, name);
        }
        if let Some(id) = plan.external_id {
            self.names.learn_id(owner, &id, key);
        }
        self.bank.import(plan.slot);
    }

    /// Forgets memories, all in one batch; returns how many were there.
    pub fn forget(&mut self, keys: &[Key], now: Timestamp) -> Result<usize, StoreError> {
        let mut changes = self.changes();
        let found = keys.iter().filter(|&&key| self.bank.get(key).is_some());
        let found: Vec<Key> = found.copied().collect();
        if found.is_empty() {
            return Ok(0);
        }
        for &key in &found {
            changes.deletion(Deletion { key, time: now })?;
        }
        self.commit(changes, self.bank.next_counter())?;
        let mut forgotten = 0;
        for key in found {
            self.names.forget_id(key);
            forgotten += usize::from(self.bank.forget(key, now));
        }
        Ok(forgotten)
    }

    /// Notes that memories were read, all in one batch.
    pub fn record_access(&mut self, keys: &[Key], now: Timestamp) -> Result<(), StoreError> {
        let mut changes = self.changes();
        for (slot, metadata) in keys.iter().filter_map(|&key| self.bank.whole(key)) {
            let mut facts = *slot.facts;
            retention::record_access(&mut facts, now);
            let id = self.names.external_id(facts.key);
            let read = SlotView {
                facts: &facts,
                ..slot
            };
            changes.memory(read, metadata, id)?;
        }
        self.commit(changes, self.bank.next_counter())?;
        for &key in keys {
            self.bank.record_access(key, now);
        }
        Ok(())
    }

    /// Sets the rows of memories as they are in the bank now; keys that are not there are left out.
    pub(super) fn put_all(&self, changes: &mut Changes, keys: &[Key]) -> Result<(), StoreError> {
        for (slot, metadata) in keys.iter().filter_map(|&key| self.bank.whole(key)) {
            changes.memory(slot, metadata, self.names.external_id(slot.facts.key))?;
        }
        Ok(())
    }
}

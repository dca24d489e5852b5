//! Changes: each is one batch of rows and reaches memory only after it is durable.

use super::Store;
use super::error::StoreError;
use super::names::NewName;
use super::record::{Note, StoredDeletion, StoredMemory};
use super::storage::{Base, Batch};
use super::tables::{Head, Row, Table};
use crate::bank::OwnedSlot;
use memt_core::bank::Deletion;
use memt_core::feedback::Judgement;
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
    fingerprint: u64,
    buffer: Vec<u8>,
    /// Whether other processes have to hear that a note was removed.
    keeps_removed_notes: bool,
}

impl Changes {
    /// Sets the row of a memory.
    pub(super) fn memory(
        &mut self,
        slot: SlotView<'_>,
        metadata: &[u8],
        id: Option<&str>,
        judged: &[Judgement],
    ) -> Result<(), StoreError> {
        let record = MemoryRecord::of(slot, metadata);
        let row = Row::of(slot.facts.owner, slot.facts.key);
        let mut buffer = std::mem::take(&mut self.buffer);
        let stored = StoredMemory::new(
            record,
            id,
            slot.terms,
            self.fingerprint,
            judged,
            &mut buffer,
        );
        let put = self.batch.put(Table::Memories, row, &stored);
        self.buffer = buffer;
        put
    }

    /// Notes that an owner is there, and its name if it has one.
    pub(super) fn owner(&mut self, owner: Owner, name: Option<&str>) -> Result<(), StoreError> {
        self.batch.put(Table::Owners, Row::of_owner(owner), &name)
    }

    /// Sets a note of a service, or removes it.
    pub(super) fn note(&mut self, number: u64, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        let row = Row::of_note(number);
        match bytes {
            Some(bytes) => self.batch.put(Table::Notes, row, &Note { number, bytes }),
            None if self.keeps_removed_notes => {
                let bytes = &[][..];
                self.batch.put(Table::Notes, row, &Note { number, bytes })
            }
            None => {
                self.batch.remove(Table::Notes, row);
                Ok(())
            }
        }
    }

    /// Removes the embedding beside a row of a memory.
    pub(super) fn settled(&mut self, row: Row) {
        self.batch.remove(Table::Encodings, row);
    }

    /// Removes an owner's memory and notes its deletion.
    pub(super) fn deletion(&mut self, owner: Owner, deletion: Deletion) -> Result<(), StoreError> {
        let row = Row::of(owner, deletion.key);
        self.batch.remove(Table::Memories, row);
        let stored = StoredDeletion { owner, deletion };
        self.batch.put(Table::Deletions, row, &stored)
    }
}

impl Store {
    /// No changes yet.
    pub(super) fn changes(&self) -> Changes {
        Changes {
            batch: self.shared.batch(),
            fingerprint: self.bank.fingerprint().unwrap_or_default().0,
            buffer: Vec::new(),
            keeps_removed_notes: self.known.is_some(),
        }
    }

    /// Makes changes durable; when this returns without an error, they are. `next_counter` is that of
    /// the bank after them.
    pub(super) fn commit(&mut self, changes: Changes, next_counter: u32) -> Result<(), StoreError> {
        let base = self.put_down(changes, next_counter)?;
        self.count_change(base.as_ref());
        Ok(())
    }

    /// As [`commit`](Self::commit), except that the store still has to [count](Self::count_change) what
    /// is returned.
    pub(super) fn put_down(
        &self,
        changes: Changes,
        next_counter: u32,
    ) -> Result<Option<Base>, StoreError> {
        let mut batch = changes.batch;
        let known = self.known.as_ref();
        let base = known.map(|known| known.base(&batch, self.scope));
        batch.base.clone_from(&base);
        self.shared.skip_to_counter(next_counter);
        let fingerprint = self.bank.fingerprint().unwrap_or_default();
        let head = Head {
            fingerprint: fingerprint.0,
            ..self.shared.head()
        };
        self.shared.commit(batch, head)?;
        self.shared.set_model(fingerprint);
        Ok(base)
    }

    /// Notes that a batch with this base was made durable.
    pub(super) fn count_change(&mut self, base: Option<&Base>) {
        if let (Some(known), Some(base)) = (&mut self.known, base) {
            known.count(base);
        }
    }

    /// Whose a memory is that is here.
    pub(super) fn owner_of(&self, key: Key) -> Option<Owner> {
        Some(self.bank.get(key)?.facts.owner)
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
            let owner = plan.slot.facts.owner;
            let id = plan.external_id.as_deref();
            changes.memory(plan.slot.view(), plan.slot.metadata(), id, &[])?;
            if let Some(name) = &plan.new_name {
                changes.owner(owner, Some(name))?;
            }
            next = plan.slot.facts.key.counter.saturating_add(1);
        }
        // After the memories, since one may replace another of the same batch.
        for plan in planned {
            if let Some(key) = plan.replaced {
                let time = plan.slot.facts.created;
                changes.deletion(plan.slot.facts.owner, Deletion { key, time })?;
            }
        }
        Ok(next)
    }

    pub(super) fn plan(&self, entries: Vec<NewEntry>) -> Result<Vec<Planned>, StoreError> {
        let first = self.shared.reserve_keys(entries.len())?;
        let mut ids: HashMap<(Owner, String), Key> = HashMap::new();
        let mut planned = Vec::with_capacity(entries.len());
        for (counter, entry) in (first..).zip(entries) {
            let mut slot = entry.slot;
            let NewName { owner, name } = self.names.owner(&entry.owner_name)?;
            self.admit(owner)?;
            slot.facts.owner = owner;
            slot.facts.key = Key {
                origin: self.bank.origin(),
                counter,
            };
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

    /// Refuses what another owner's part of the store must hold.
    pub(super) fn admit(&self, owner: Owner) -> Result<(), StoreError> {
        match self.scope {
            Some(scope) if scope != owner => Err(StoreError::OtherOwner {
                scope: self.owner_name(scope),
                offered: self.owner_name(owner),
            }),
            _ => Ok(()),
        }
    }

    /// Takes what is durable into memory.
    pub(super) fn keep(&mut self, plan: Planned) {
        let (key, owner) = (plan.slot.facts.key, plan.slot.facts.owner);
        if let Some(replaced) = plan.replaced {
            self.names.forget_id(replaced);
            self.bank.forget(replaced, plan.slot.facts.created);
        }
        if let Some(name) = plan.new_name {
            self.names.learn_owner(owner, Some(name));
        }
        if let Some(id) = plan.external_id {
            self.names.learn_id(owner, &id, key);
        }
        self.bank.import(plan.slot);
    }

    /// Forgets memories, all in one batch; returns how many were there.
    pub fn forget(&mut self, keys: &[Key], now: Timestamp) -> Result<usize, StoreError> {
        let mut changes = self.changes();
        let found = keys
            .iter()
            .filter_map(|&key| Some((self.owner_of(key)?, key)));
        let found: Vec<(Owner, Key)> = found.collect();
        if found.is_empty() {
            return Ok(0);
        }
        for &(owner, key) in &found {
            changes.deletion(owner, Deletion { key, time: now })?;
        }
        self.commit(changes, self.bank.next_counter())?;
        let mut forgotten = 0;
        for (_, key) in found {
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
            changes.memory(read, metadata, id, self.bank.judgements_on(facts.key))?;
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
            let key = slot.facts.key;
            let id = self.names.external_id(key);
            changes.memory(slot, metadata, id, self.bank.judgements_on(key))?;
        }
        Ok(())
    }
}

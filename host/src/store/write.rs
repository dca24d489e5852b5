//! Changes: each is one transaction on the file and reaches memory only after it is on disk.

use super::error::StoreError;
use super::names::NewName;
use super::tables::{
    DELETIONS, EXTERNAL_IDS, FACTS, FINGERPRINT, MEMORIES, NEXT_COUNTER, OWNERS, pack,
};
use super::{File, Store};
use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::bank::AddError;
use memt_core::retention;
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::snapshot::MemoryRecord;
use memt_core::write::Verification;
use redb::{Database, WriteTransaction};
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
struct Planned {
    slot: OwnedSlot,
    new_name: Option<String>,
    external_id: Option<String>,
    replaced: Option<Key>,
}

impl Store {
    /// Runs `change` in a transaction that is on disk when this returns without an error.
    pub(super) fn commit(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), StoreError> {
        let commit = |database: &Database| -> Result<(), redb::Error> {
            let writing = database.begin_write()?;
            change(&writing)?;
            writing.commit()?;
            Ok(())
        };
        match &self.file {
            File::ReadOnly => Err(StoreError::ReadOnly(self.path.clone())),
            File::Writable(database) => {
                commit(database).map_err(|error| StoreError::database(&self.path, error))
            }
        }
    }

    /// Adds memories, all or none.
    pub fn add(&mut self, entries: Vec<NewEntry>) -> Result<Vec<Added>, StoreError> {
        let planned = self.plan(entries)?;
        self.commit(|writing| {
            let mut next = self.bank.next_counter();
            for plan in &planned {
                store(writing, plan)?;
                next = plan.slot.facts.key.counter.saturating_add(1);
            }
            writing
                .open_table(FACTS)?
                .insert(NEXT_COUNTER, u64::from(next))?;
            Ok(())
        })?;
        Ok(planned.into_iter().map(|plan| self.keep(plan)).collect())
    }

    fn plan(&self, entries: Vec<NewEntry>) -> Result<Vec<Planned>, StoreError> {
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

    /// Takes what is on disk into memory.
    fn keep(&mut self, plan: Planned) -> Added {
        let (key, owner) = (plan.slot.facts.key, plan.slot.facts.owner);
        if let Some(replaced) = plan.replaced {
            self.names.forget_id(owner, replaced);
            self.bank.forget(replaced, plan.slot.facts.created);
        }
        if let Some(name) = plan.new_name {
            self.names.learn_owner(owner, name);
        }
        if let Some(id) = plan.external_id {
            self.names.learn_id(owner, id, key);
        }
        let verification = self.bank.verify(&plan.slot);
        self.bank.import(plan.slot);
        Added {
            key,
            verification,
            replaced: plan.replaced,
        }
    }

    /// Forgets memories, all in one transaction; returns how many were there.
    pub fn forget(&mut self, keys: &[Key], now: Timestamp) -> Result<usize, StoreError> {
        let found: Vec<(Key, Owner)> = keys
            .iter()
            .filter_map(|&key| Some((key, self.bank.get(key)?.facts.owner)))
            .collect();
        if found.is_empty() {
            return Ok(0);
        }
        self.commit(|writing| {
            for &(key, owner) in &found {
                let id = self.names.external_id(key);
                delete(writing, key, id.map(|id| (owner, id)), now)?;
            }
            Ok(())
        })?;
        let mut forgotten = 0;
        for (key, owner) in found {
            self.names.forget_id(owner, key);
            forgotten += usize::from(self.bank.forget(key, now));
        }
        Ok(forgotten)
    }

    /// Notes that memories were read, all in one transaction.
    pub fn record_access(&mut self, keys: &[Key], now: Timestamp) -> Result<(), StoreError> {
        self.commit(|writing| {
            let mut memories = writing.open_table(MEMORIES)?;
            for mut record in keys.iter().filter_map(|&key| record(&self.bank, key)) {
                retention::record_access(&mut record.facts, now);
                memories.insert(pack(record.facts.key), encoded(&record)?.as_slice())?;
            }
            Ok(())
        })?;
        for &key in keys {
            self.bank.record_access(key, now);
        }
        Ok(())
    }

    /// Encodes every text anew, all or none.
    pub fn reencode(&mut self, encoder: &TextEncoder<'_>) -> Result<(), StoreError> {
        let keys = self.bank.keys_of(None);
        let texts: Vec<&str> = self.bank.owned_by(None).map(|slot| slot.text).collect();
        let embeddings = encoder.encode_all(&texts).map_err(StoreError::Scratch)?;
        let fingerprint = encoder.fingerprint();
        let encoded_anew = keys.iter().copied().zip(embeddings);
        let bank = self.bank.with_embeddings(fingerprint, encoded_anew);
        self.commit(|writing| {
            let mut facts = writing.open_table(FACTS)?;
            facts.insert(FINGERPRINT, fingerprint.0)?;
            let mut memories = writing.open_table(MEMORIES)?;
            for record in keys.iter().filter_map(|&key| record(&bank, key)) {
                memories.insert(pack(record.facts.key), encoded(&record)?.as_slice())?;
            }
            Ok(())
        })?;
        self.bank = bank;
        Ok(())
    }
}

fn store(writing: &WriteTransaction, plan: &Planned) -> Result<(), redb::Error> {
    let facts = plan.slot.facts;
    if let Some(replaced) = plan.replaced {
        delete(writing, replaced, None, facts.created)?;
    }
    let mut memories = writing.open_table(MEMORIES)?;
    memories.insert(pack(facts.key), encoded(&plan.slot.record())?.as_slice())?;
    if let Some(name) = &plan.new_name {
        let mut owners = writing.open_table(OWNERS)?;
        owners.insert(facts.owner.0, name.as_str())?;
    }
    if let Some(id) = &plan.external_id {
        let mut ids = writing.open_table(EXTERNAL_IDS)?;
        ids.insert((facts.owner.0, id.as_str()), pack(facts.key))?;
    }
    Ok(())
}

/// Removes a memory and its id and notes the deletion.
pub(super) fn delete(
    writing: &WriteTransaction,
    key: Key,
    id: Option<(Owner, &str)>,
    time: Timestamp,
) -> Result<(), redb::Error> {
    writing.open_table(MEMORIES)?.remove(pack(key))?;
    if let Some((owner, id)) = id {
        writing.open_table(EXTERNAL_IDS)?.remove((owner.0, id))?;
    }
    writing
        .open_table(DELETIONS)?
        .insert(pack(key), u64::from(time.0))?;
    Ok(())
}

/// The record of a memory, as file and snapshot keep it.
pub(super) fn record(bank: &Bank, key: Key) -> Option<MemoryRecord<'_>> {
    Some(MemoryRecord::of(bank.get(key)?, bank.metadata(key)?))
}

/// The bytes of a record.
pub(super) fn encoded(record: &MemoryRecord<'_>) -> Result<Vec<u8>, redb::Error> {
    // Writing to memory that grows does not fail; if it did, the transaction must.
    postcard::to_stdvec(record).map_err(|error| redb::Error::Corrupted(error.to_string()))
}

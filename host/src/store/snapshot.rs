//! A bank file to and from `.slots`, all or nothing.

use super::Store;
use super::error::StoreError;
use super::tables::NOBODY;
use crate::bank::{Bank, OwnedSlot};
use memt_core::bank::{Deletion, OtherModel};
use memt_core::encoder::Fingerprint;
use memt_core::feedback::Judgement;
use memt_core::slot::{Key, Owner};
use memt_core::snapshot::{
    HEADER_BYTES, JudgementRecord, MemoryRecord, RECORD_OVERHEAD, ReadError, Reader, Record,
    TRAILER_BYTES, WriteError, Writer,
};
use std::collections::{BTreeMap, BTreeSet};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Memories that were new.
    pub added: usize,
    /// Memories that were there already, or had been forgotten.
    pub known: usize,
    /// Deletions that were new.
    pub deletions: usize,
    /// Judged questions that were new.
    pub judgements: usize,
}

impl Store {
    /// Takes in a snapshot in one batch. What is there already, or was forgotten, stays as it is.
    pub fn import(&mut self, snapshot: &[u8]) -> Result<ImportReport, StoreError> {
        let header = Reader::check(snapshot).map_err(StoreError::Snapshot)?;
        self.admit_all(snapshot, header.fingerprint)?;
        let before = self.bank.fingerprint();
        let next_counter = self.bank.next_counter();
        self.bank
            .bind(header.fingerprint)
            .map_err(StoreError::OtherSnapshot)?;
        let mut taken_in = TakenIn::default();
        let stored = taken_in
            .take(&mut self.bank, snapshot)
            .and_then(|()| self.store_taken_in(&taken_in));
        if stored.is_err() {
            taken_in.undo(&mut self.bank, next_counter);
            self.bank.rebind(before.unwrap_or_default());
        }
        stored?;
        for slot in &taken_in.removed {
            self.names.forget_id(slot.facts.key);
        }
        for owner in taken_in.owners(&self.bank) {
            if !self.names.knows_owner(owner) {
                self.names.learn_owner(owner, None);
            }
        }
        Ok(taken_in.report)
    }

    /// Refuses a snapshot that one owner's part of a store, or one that others share, cannot take: of
    /// another model than the store, or with memories of others.
    fn admit_all(&self, snapshot: &[u8], fingerprint: Fingerprint) -> Result<(), StoreError> {
        if self.scope.is_none() && !self.is_shared() {
            return Ok(());
        }
        let bank = Fingerprint(self.shared.head().fingerprint);
        if bank != fingerprint {
            return Err(StoreError::OtherSnapshot(OtherModel {
                bank,
                offered: fingerprint,
            }));
        }
        for record in Reader::open(snapshot).map_err(StoreError::Snapshot)? {
            if let Record::Memory(memory) = record.map_err(StoreError::Snapshot)? {
                self.admit(memory.facts.owner)?;
            }
        }
        Ok(())
    }

    fn store_taken_in(&mut self, taken_in: &TakenIn) -> Result<(), StoreError> {
        let mut changes = self.changes();
        for owner in taken_in.owners(&self.bank) {
            if !self.names.knows_owner(owner) {
                changes.owner(owner, None)?;
            }
        }
        self.put_all(&mut changes, &taken_in.keys)?;
        // Where there were too many, older ones of other memories have gone.
        for (&owner, before) in &taken_in.judged {
            let judged = before.iter().chain(self.bank.judgements_of(owner));
            let keys: BTreeSet<Key> = judged.map(|judgement| judgement.key).collect();
            self.put_all(&mut changes, &keys.into_iter().collect::<Vec<Key>>())?;
        }
        for &(owner, deletion) in &taken_in.deletions {
            let owner = owner.or(self.scope).unwrap_or(NOBODY);
            changes.deletion(owner, deletion)?;
        }
        self.commit(changes, self.bank.next_counter())
    }

    /// The bank, or one owner's part of it, as a snapshot. Deletions of all owners go along.
    pub fn export(&self, owner: Option<Owner>) -> Result<Vec<u8>, StoreError> {
        export(&self.bank, owner).map_err(StoreError::Export)
    }
}

/// What an import has changed in memory so far.
#[derive(Default)]
struct TakenIn {
    keys: Vec<Key>,
    /// With the owner, if the memory was here.
    deletions: Vec<(Option<Owner>, Deletion)>,
    removed: Vec<OwnedSlot>,
    /// What was judged before, of the owners of whose memories something is judged now.
    judged: BTreeMap<Owner, Vec<Judgement>>,
    report: ImportReport,
}

impl TakenIn {
    fn take(&mut self, bank: &mut Bank, snapshot: &[u8]) -> Result<(), StoreError> {
        let reader = Reader::open(snapshot).map_err(StoreError::Snapshot)?;
        for (number, record) in (0..).zip(reader) {
            match record.map_err(StoreError::Snapshot)? {
                Record::Memory(memory) => {
                    let slot = OwnedSlot::of_record(&memory);
                    let slot = slot.map_err(|error| StoreError::Record {
                        record: number,
                        error,
                    })?;
                    self.memory(bank, slot);
                }
                Record::Deletion(deletion) => self.deletion(bank, deletion),
                Record::Judgement(judged) => {
                    let judgement = judged.judgement();
                    self.judgement(
                        bank,
                        judgement.map_err(|error| StoreError::Record {
                            record: number,
                            error,
                        })?,
                    );
                }
                _ => return Err(StoreError::Snapshot(ReadError::Record { record: number })),
            }
        }
        Ok(())
    }

    /// The owners of what was taken in and is still there.
    fn owners(&self, bank: &Bank) -> BTreeSet<Owner> {
        let slots = self.keys.iter().filter_map(|&key| bank.get(key));
        slots.map(|slot| slot.facts.owner).collect()
    }

    fn memory(&mut self, bank: &mut Bank, slot: OwnedSlot) {
        let key = slot.facts.key;
        if bank.import(slot) {
            self.keys.push(key);
            self.report.added += 1;
        } else {
            self.report.known += 1;
        }
    }

    fn deletion(&mut self, bank: &mut Bank, deletion: Deletion) {
        let facts = bank.get(deletion.key).map(|slot| *slot.facts);
        let owner = facts.map(|facts| facts.owner);
        if facts.is_some_and(|facts| facts.created <= deletion.time) {
            self.removed.extend(bank.take(deletion.key));
        }
        if bank.import_deletion(deletion) {
            self.deletions.push((owner, deletion));
            self.report.deletions += 1;
        }
    }

    fn judgement(&mut self, bank: &mut Bank, judgement: Judgement) {
        let Some(owner) = bank.get(judgement.key).map(|slot| slot.facts.owner) else {
            return;
        };
        let before = bank.judgements_of(owner).to_vec();
        if bank.import_judgement(judgement) {
            self.judged.entry(owner).or_insert(before);
            self.report.judgements += 1;
        }
    }

    fn undo(&mut self, bank: &mut Bank, next_counter: u32) {
        for (_, deletion) in self.deletions.drain(..) {
            bank.forget_deletion(deletion.key);
        }
        for slot in self.removed.drain(..) {
            bank.import(slot);
        }
        for key in self.keys.drain(..) {
            bank.take(key);
        }
        for (owner, judged) in std::mem::take(&mut self.judged) {
            bank.set_judgements(owner, judged);
        }
        bank.set_next_counter(next_counter);
    }
}

/// A bank, or one owner's part of it, as a snapshot: memories old to new, then deletions by key, then
/// what was judged.
pub fn export(bank: &Bank, owner: Option<Owner>) -> Result<Vec<u8>, WriteError> {
    let keys = bank.keys_of(owner);
    let memories = keys.iter().filter_map(|&key| bank.whole(key));
    let memories = memories.map(|(slot, metadata)| MemoryRecord::of(slot, metadata));
    let records = memories
        .map(Record::Memory)
        .chain(bank.deletions().map(Record::Deletion));
    let judged = keys.iter().flat_map(|&key| bank.judgements_on(key));
    let judged = judged.map(|judgement| Record::Judgement(JudgementRecord::of(judgement)));
    let records = records.chain(judged);
    let records: Vec<Record<'_>> = records.collect();
    let fingerprint = bank.fingerprint().unwrap_or_default();
    let (mut writer, header) = Writer::begin(fingerprint, records.len() as u32);
    let mut snapshot = header.to_vec();
    let mut buffer = Vec::new();
    for record in &records {
        buffer.resize(buffer.len().max(bound(record)), 0);
        snapshot.extend_from_slice(writer.record(record, &mut buffer)?);
    }
    snapshot.extend_from_slice(&writer.finish()?);
    Ok(snapshot)
}

/// Bytes that a record takes at most.
fn bound(record: &Record<'_>) -> usize {
    const ALL_BUT_STRINGS: usize = HEADER_BYTES + RECORD_OVERHEAD + TRAILER_BYTES + 256;
    match record {
        Record::Memory(memory) => ALL_BUT_STRINGS + memory.text.len() + memory.metadata.len(),
        _ => ALL_BUT_STRINGS,
    }
}

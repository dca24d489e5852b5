//! A bank file to and from `.slots`, all or nothing.

use super::Store;
use super::error::StoreError;
use super::tables::{DELETIONS, FACTS, FINGERPRINT, MEMORIES, NEXT_COUNTER, pack};
use super::write::{encoded, record};
use crate::bank::{Bank, OwnedSlot};
use memt_core::bank::Deletion;
use memt_core::slot::{Key, Owner};
use memt_core::snapshot::{
    HEADER_BYTES, RECORD_OVERHEAD, Reader, Record, TRAILER_BYTES, WriteError, Writer,
};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Memories that were new.
    pub added: usize,
    /// Memories that were there already, or had been forgotten.
    pub known: usize,
    /// Deletions that were new.
    pub deletions: usize,
}

impl Store {
    /// Takes in a snapshot in one transaction. What is there already, or was forgotten, stays as it
    /// is.
    pub fn import(&mut self, snapshot: &[u8]) -> Result<ImportReport, StoreError> {
        let header = Reader::check(snapshot).map_err(StoreError::Snapshot)?;
        let mut bank = self.bank.clone();
        bank.bind(header.fingerprint)
            .map_err(StoreError::OtherSnapshot)?;
        let (keys, deletions, report) = take_in(&mut bank, snapshot)?;
        self.commit(|writing| {
            let mut facts = writing.open_table(FACTS)?;
            facts.insert(FINGERPRINT, header.fingerprint.0)?;
            facts.insert(NEXT_COUNTER, u64::from(bank.next_counter()))?;
            let mut memories = writing.open_table(MEMORIES)?;
            for record in keys.iter().filter_map(|&key| record(&bank, key)) {
                memories.insert(pack(record.facts.key), encoded(&record)?.as_slice())?;
            }
            let mut stored = writing.open_table(DELETIONS)?;
            for deletion in &deletions {
                memories.remove(pack(deletion.key))?;
                stored.insert(pack(deletion.key), u64::from(deletion.time.0))?;
            }
            Ok(())
        })?;
        self.bank = bank;
        Ok(report)
    }

    /// The bank, or one owner's part of it, as a snapshot. Deletions of all owners go along.
    pub fn export(&self, owner: Option<Owner>) -> Result<Vec<u8>, StoreError> {
        export(&self.bank, owner).map_err(StoreError::Export)
    }
}

type TakenIn = (Vec<Key>, Vec<Deletion>, ImportReport);

fn take_in(bank: &mut Bank, snapshot: &[u8]) -> Result<TakenIn, StoreError> {
    let mut report = ImportReport::default();
    let (mut keys, mut deletions) = (Vec::new(), Vec::new());
    let reader = Reader::open(snapshot).map_err(StoreError::Snapshot)?;
    for (number, record) in (0..).zip(reader) {
        match record.map_err(StoreError::Snapshot)? {
            Record::Memory(memory) => {
                let slot = OwnedSlot::of_record(&memory).map_err(|error| StoreError::Record {
                    record: number,
                    error,
                })?;
                if bank.import(slot) {
                    keys.push(memory.facts.key);
                    report.added += 1;
                } else {
                    report.known += 1;
                }
            }
            Record::Deletion(deletion) => {
                if bank.import_deletion(deletion) {
                    deletions.push(deletion);
                    report.deletions += 1;
                }
            }
            _ => {
                return Err(StoreError::Snapshot(
                    memt_core::snapshot::ReadError::Record { record: number },
                ));
            }
        }
    }
    Ok((keys, deletions, report))
}

/// A bank, or one owner's part of it, as a snapshot: memories old to new, then deletions by key.
pub fn export(bank: &Bank, owner: Option<Owner>) -> Result<Vec<u8>, WriteError> {
    let keys = bank.keys_of(owner);
    let memories = keys.iter().filter_map(|&key| record(bank, key));
    let records = memories
        .map(Record::Memory)
        .chain(bank.deletions().map(Record::Deletion));
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

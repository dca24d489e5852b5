//! Snapshots made for tests, and forged ones whose checksums are right.

use crate::checksum::crc32;
use memt_core::bank::Bank;
use memt_core::slot::Key;
use memt_core::snapshot::{
    HEADER_BYTES, JudgementRecord, MemoryRecord, RECORD_OVERHEAD, Record, TRAILER_BYTES, Writer,
};

/// The snapshot of a bank: its memories from old to new, each with its metadata, then its deletions, then
/// what was judged.
pub fn of_bank<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
    bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
    metadata: impl Fn(Key) -> Vec<u8>,
) -> Vec<u8> {
    let metadata: Vec<Vec<u8>> = bank
        .owned_by(None)
        .map(|slot| metadata(slot.facts.key))
        .collect();
    let memories = bank.owned_by(None).zip(&metadata);
    let judged = bank.judgements().iter().map(JudgementRecord::of);
    let records: Vec<Record<'_>> = memories
        .map(|(slot, metadata)| Record::Memory(MemoryRecord::of(slot, metadata)))
        .chain(bank.deletions().map(Record::Deletion))
        .chain(judged.map(Record::Judgement))
        .collect();
    of_records(bank.fingerprint().expect("a bound bank").0, &records)
}

/// The snapshot that holds `records` of the embedding space `fingerprint`.
pub fn of_records(fingerprint: u64, records: &[Record<'_>]) -> Vec<u8> {
    let fingerprint = memt_core::encoder::Fingerprint(fingerprint);
    let (mut writer, header) = Writer::begin(fingerprint, records.len() as u32);
    let mut snapshot = header.to_vec();
    let mut buffer = vec![0; 1 << 16];
    for record in records {
        snapshot.extend_from_slice(writer.record(record, &mut buffer).expect("a large buffer"));
    }
    snapshot.extend_from_slice(&writer.finish().expect("all records are written"));
    snapshot
}

/// The bytes with every checksum that has a place made right, so that what lies behind the
/// checksums is reached: the header's, each record's whose length is possible, the trailer's.
pub fn resealed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() < HEADER_BYTES {
        return bytes;
    }
    seal(&mut bytes, 0, HEADER_BYTES - 4);
    let mut at = HEADER_BYTES;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let end = at.saturating_add(length).saturating_add(RECORD_OVERHEAD);
        if end > bytes.len() {
            break;
        }
        seal(&mut bytes, at + 4, end - 4);
        at = end;
    }
    if bytes.len() == at + TRAILER_BYTES {
        seal(&mut bytes, 0, at + TRAILER_BYTES - 4);
    }
    bytes
}

/// Writes the checksum of `bytes[start..end]` behind it.
fn seal(bytes: &mut [u8], start: usize, end: usize) {
    let crc = crc32([&bytes[start..end]]);
    bytes[end..end + 4].copy_from_slice(&crc.to_le_bytes());
}

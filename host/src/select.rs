//! A part of a snapshot: one owner's memories, or those that are retained most and fit a device.

use memt_core::bank::Deletion;
use memt_core::overlap::terms;
use memt_core::retention::retention;
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::snapshot::{
    JudgementRecord, MemoryRecord, ReadError, Reader, Record, WriteError, Writer,
};
use std::collections::BTreeSet;

/// What to take of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Whose memories; `None` for everybody's.
    pub owner: Option<Owner>,
    /// At most so many, those of most retention at `now`; the newer of equals.
    pub most: Option<usize>,
    /// The present.
    pub now: Timestamp,
    /// Bytes of the longest text that is taken: a device's `TEXT`.
    pub text_bytes: Option<usize>,
    /// Distinct terms of a text that is taken, at most: a device's `TERMS`.
    pub terms: Option<usize>,
}

/// What a selection holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// Memories.
    pub memories: usize,
    /// Deletions: all of the snapshot's.
    pub deletions: usize,
    /// Judged questions about those memories: all of the snapshot's.
    pub judgements: usize,
    /// Memories of the owner whose text or terms do not fit.
    pub too_large: usize,
    /// Memories of the owner that fit and are retained less than the others.
    pub left_out: usize,
}

/// Why nothing was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectError {
    /// The bytes are not a snapshot.
    Read(ReadError),
    /// The result cannot be written.
    Write(WriteError),
}

impl core::fmt::Display for SelectError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read(error) => error.fmt(formatter),
            Self::Write(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for SelectError {}

/// The part of a snapshot that is wanted, as a snapshot: memories old to new, then all deletions, then what was
/// judged of the memories.
pub fn select(snapshot: &[u8], selection: &Selection) -> Result<(Vec<u8>, Selected), SelectError> {
    let reader = Reader::open(snapshot).map_err(SelectError::Read)?;
    let fingerprint = reader.header().fingerprint;
    let mut selected = Selected::default();
    let mut memories: Vec<MemoryRecord<'_>> = Vec::new();
    let mut deletions: Vec<Deletion> = Vec::new();
    let mut judged: Vec<JudgementRecord<'_>> = Vec::new();
    for record in reader {
        match record.map_err(SelectError::Read)? {
            Record::Memory(memory) if !selection.is_of(&memory) => {}
            Record::Memory(memory) if selection.has_room_for(&memory) => memories.push(memory),
            Record::Memory(_) => selected.too_large += 1,
            Record::Deletion(deletion) => deletions.push(deletion),
            Record::Judgement(judgement) => judged.push(judgement),
            _ => {}
        }
    }
    let age = |memory: &MemoryRecord<'_>| (memory.facts.created, memory.facts.key);
    if let Some(most) = selection.most {
        let retained = |memory: &MemoryRecord<'_>| retention(&memory.facts, selection.now);
        memories.sort_by(|a, b| {
            let order = retained(b).total_cmp(&retained(a));
            order.then(age(b).cmp(&age(a)))
        });
        selected.left_out = memories.len().saturating_sub(most);
        memories.truncate(most);
    }
    memories.sort_by_key(age);
    (selected.memories, selected.deletions) = (memories.len(), deletions.len());
    let chosen: BTreeSet<Key> = memories.iter().map(|memory| memory.facts.key).collect();
    judged.retain(|judgement| chosen.contains(&judgement.key));
    selected.judgements = judged.len();
    let records = memories.into_iter().map(Record::Memory);
    let records = records.chain(deletions.into_iter().map(Record::Deletion));
    let records: Vec<Record<'_>> = records
        .chain(judged.into_iter().map(Record::Judgement))
        .collect();
    let (mut writer, header) = Writer::begin(fingerprint, records.len() as u32);
    let mut bytes = header.to_vec();
    let mut buffer = Vec::new();
    for record in &records {
        let room = match record {
            Record::Memory(memory) => 512 + memory.text.len() + memory.metadata.len(),
            _ => 512,
        };
        buffer.resize(buffer.len().max(room), 0);
        bytes.extend(
            writer
                .record(record, &mut buffer)
                .map_err(SelectError::Write)?,
        );
    }
    bytes.extend(writer.finish().map_err(SelectError::Write)?);
    Ok((bytes, selected))
}

impl Selection {
    fn is_of(&self, memory: &MemoryRecord<'_>) -> bool {
        self.owner.is_none_or(|owner| memory.facts.owner == owner)
    }

    fn has_room_for(&self, memory: &MemoryRecord<'_>) -> bool {
        let distinct = || terms(memory.text).collect::<BTreeSet<u32>>().len();
        self.text_bytes.is_none_or(|most| memory.text.len() <= most)
            && self.terms.is_none_or(|most| distinct() <= most)
    }
}

#[cfg(test)]
mod tests;

//! Snapshots of many devices as one.
//!
//! The union by key. Of two versions of a memory the later one stays: the one read or rehearsed last, then
//! the one read more often, stronger, more important; metadata, which devices do not keep, is taken from
//! whoever has it, and what was judged from all; of two verdicts on one memory and question the later stays. A deletion takes its memory away unless that was written after it. So the order of the
//! snapshots does not matter, nor does merging one twice.

use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::Fingerprint;
use memt_core::feedback::Judgement;
use memt_core::slot::{Key, Timestamp};
use memt_core::snapshot::{
    JudgementRecord, MemoryRecord, ReadError, Reader, Record, WriteError, Writer,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Why snapshots are not merged.
#[derive(Debug)]
#[non_exhaustive]
pub enum MergeError {
    /// One of them is damaged.
    Read {
        /// Its number, from 0.
        snapshot: usize,
        /// What is wrong.
        error: ReadError,
    },
    /// One of them holds embeddings of another model than the first.
    OtherModel {
        /// Its number, from 0.
        snapshot: usize,
        /// The first one's model.
        first: Fingerprint,
        /// Its model.
        other: Fingerprint,
    },
    /// There are none.
    Nothing,
    /// The result cannot be written.
    Write(WriteError),
}

impl core::fmt::Display for MergeError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read { snapshot, error } => {
                write!(formatter, "snapshot {}: {error}", snapshot + 1)
            }
            Self::OtherModel {
                snapshot,
                first,
                other,
            } => write!(
                formatter,
                "snapshot {} holds embeddings of model {other}, the first of {first}; encode one of them anew: import it into a bank, open that with --reencode and export it",
                snapshot + 1
            ),
            Self::Nothing => formatter.write_str("there is no snapshot to merge"),
            Self::Write(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for MergeError {}

/// What a merge holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Memories.
    pub memories: usize,
    /// Deletions.
    pub deletions: usize,
    /// Memories that a deletion took away.
    pub removed: usize,
    /// Judged questions.
    pub judgements: usize,
}

/// What is known of a key: owned, so that snapshots need not stay in memory.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// Postcard bytes of the memory without metadata.
    memory: Option<Box<[u8]>>,
    metadata: Box<[u8]>,
    deleted: Option<Timestamp>,
    /// The latest of each question.
    judged: BTreeMap<[i8; DIMENSIONS], Judgement>,
}

impl Entry {
    fn memory(&self) -> Option<MemoryRecord<'_>> {
        // Written by `note` from a record.
        postcard::from_bytes(self.memory.as_deref()?).ok()
    }

    fn note(&mut self, memory: MemoryRecord<'_>) {
        if *self.metadata < *memory.metadata {
            self.metadata = memory.metadata.into();
        }
        let later = self
            .memory()
            .is_none_or(|known| order(&known) < order(&memory));
        if later {
            let bytes = postcard::to_stdvec(&memory.with_metadata(&[]));
            // Writing to memory that grows does not fail.
            self.memory = bytes.ok().map(Vec::into);
        }
    }
}

/// A merge under way: snapshots come one after the other, and each may be dropped at once.
#[derive(Clone, Debug, Default)]
pub struct Merging {
    entries: BTreeMap<Key, Entry>,
    first: Option<Fingerprint>,
    snapshots: usize,
}

impl Merging {
    /// Takes in a whole snapshot; one that is damaged or of another model changes nothing.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), MergeError> {
        let snapshot = self.snapshots;
        let damaged = |error| MergeError::Read { snapshot, error };
        let other = Reader::check(bytes).map_err(damaged)?.fingerprint;
        let first = self.first.unwrap_or(other);
        if first != other {
            return Err(MergeError::OtherModel {
                snapshot,
                first,
                other,
            });
        }
        for (number, record) in (0..).zip(Reader::open(bytes).map_err(damaged)?) {
            match record.map_err(damaged)? {
                Record::Memory(memory) => {
                    self.entries
                        .entry(memory.facts.key)
                        .or_default()
                        .note(memory);
                }
                Record::Judgement(judged) => {
                    let judgement = judged.judgement().map_err(|_| MergeError::Read {
                        snapshot,
                        error: ReadError::Record { record: number },
                    })?;
                    let entry = self.entries.entry(judgement.key).or_default();
                    let kept = entry.judged.entry(judgement.question.0);
                    let kept = kept.or_insert(judgement);
                    if (kept.time, kept.weight) < (judgement.time, judgement.weight) {
                        *kept = judgement;
                    }
                }
                Record::Deletion(deletion) => {
                    let entry = self.entries.entry(deletion.key).or_default();
                    entry.deleted = entry.deleted.max(Some(deletion.time));
                }
                _ => {}
            }
        }
        self.first = Some(first);
        self.snapshots += 1;
        Ok(())
    }

    /// The union of what came.
    pub fn finish(self) -> Result<(Vec<u8>, Merged), MergeError> {
        let first = self.first.ok_or(MergeError::Nothing)?;
        written(first, &self.entries).map_err(MergeError::Write)
    }
}

/// Merges whole snapshots into one.
pub fn merge<B: AsRef<[u8]>>(snapshots: &[B]) -> Result<(Vec<u8>, Merged), MergeError> {
    let mut merging = Merging::default();
    for snapshot in snapshots {
        merging.add(snapshot.as_ref())?;
    }
    merging.finish()
}

/// Later versions are greater; equal only if nothing differs but metadata.
fn order(memory: &MemoryRecord<'_>) -> impl Ord + use<> {
    let facts = memory.facts;
    (
        facts.accessed,
        facts.accesses,
        (facts.strength, facts.importance),
        facts.created,
        facts.owner,
        memory.text.to_owned(),
        memory.embedding().map_or([0; 128], |embedding| embedding.0),
    )
}

fn written(
    fingerprint: Fingerprint,
    entries: &BTreeMap<Key, Entry>,
) -> Result<(Vec<u8>, Merged), WriteError> {
    let mut merged = Merged::default();
    let mut memories = Vec::new();
    let mut deletions = Vec::new();
    let mut judged = Vec::new();
    for (&key, entry) in entries {
        let survives = |memory: &MemoryRecord<'_>| Some(memory.facts.created) > entry.deleted;
        match (entry.memory(), entry.deleted) {
            (Some(memory), _) if survives(&memory) => {
                memories.push(memory.with_metadata(&entry.metadata));
                judged.extend(entry.judged.values());
            }
            (memory, Some(time)) => {
                merged.removed += usize::from(memory.is_some());
                deletions.push(memt_core::bank::Deletion { key, time });
            }
            _ => {}
        }
    }
    memories.sort_by_key(|memory| (memory.facts.created, memory.facts.key));
    deletions.sort_by_key(|deletion| (deletion.time, Reverse(deletion.key)));
    (merged.memories, merged.deletions) = (memories.len(), deletions.len());
    merged.judgements = judged.len();
    let count = (memories.len() + deletions.len() + judged.len()) as u32;
    let (mut writer, header) = Writer::begin(fingerprint, count);
    let mut bytes = header.to_vec();
    let records = memories.into_iter().map(Record::Memory);
    let records = records.chain(deletions.into_iter().map(Record::Deletion));
    let judged = judged.into_iter().map(JudgementRecord::of);
    for record in records.chain(judged.map(Record::Judgement)) {
        let room = match &record {
            Record::Memory(memory) => 512 + memory.text.len() + memory.metadata.len(),
            _ => 512,
        };
        bytes.extend(writer.record(&record, &mut vec![0; room])?);
    }
    bytes.extend(writer.finish()?);
    Ok((bytes, merged))
}

#[cfg(test)]
mod tests;

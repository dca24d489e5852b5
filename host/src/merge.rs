//! Snapshots of many devices as one.
//!
//! The union by key. Of two versions of a memory the later one stays: the one read or rehearsed last, then
//! the one read more often, stronger, more important; metadata, which devices do not keep, is taken from
//! whoever has it. A deletion takes its memory away unless that was written after it. So the order of the
//! snapshots does not matter, nor does merging one twice.

use memt_core::encoder::Fingerprint;
use memt_core::slot::{Key, Timestamp};
use memt_core::snapshot::{MemoryRecord, ReadError, Reader, Record, WriteError, Writer};
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
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default)]
struct Entry<'b> {
    memory: Option<MemoryRecord<'b>>,
    metadata: &'b [u8],
    deleted: Option<Timestamp>,
}

/// Merges whole snapshots into one.
pub fn merge<B: AsRef<[u8]>>(snapshots: &[B]) -> Result<(Vec<u8>, Merged), MergeError> {
    let mut entries = BTreeMap::<Key, Entry<'_>>::new();
    let mut first = None;
    for (snapshot, bytes) in snapshots.iter().enumerate() {
        let damaged = |error| MergeError::Read { snapshot, error };
        let reader = Reader::open(bytes.as_ref()).map_err(damaged)?;
        let other = reader.header().fingerprint;
        let first = *first.get_or_insert(other);
        if first != other {
            return Err(MergeError::OtherModel {
                snapshot,
                first,
                other,
            });
        }
        for record in reader {
            note(&mut entries, record.map_err(damaged)?);
        }
    }
    let first = first.ok_or(MergeError::Nothing)?;
    written(first, &entries).map_err(MergeError::Write)
}

fn note<'b>(entries: &mut BTreeMap<Key, Entry<'b>>, record: Record<'b>) {
    match record {
        Record::Memory(memory) => {
            let entry = entries.entry(memory.facts.key).or_default();
            entry.metadata = entry.metadata.max(memory.metadata);
            let later = entry
                .memory
                .is_none_or(|known| order(&known) < order(&memory));
            if later {
                entry.memory = Some(memory);
            }
        }
        Record::Deletion(deletion) => {
            let entry = entries.entry(deletion.key).or_default();
            entry.deleted = entry.deleted.max(Some(deletion.time));
        }
        _ => {}
    }
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
    entries: &BTreeMap<Key, Entry<'_>>,
) -> Result<(Vec<u8>, Merged), WriteError> {
    let mut merged = Merged::default();
    let mut memories = Vec::new();
    let mut deletions = Vec::new();
    for (&key, entry) in entries {
        let survives = |memory: &MemoryRecord<'_>| Some(memory.facts.created) > entry.deleted;
        match (entry.memory, entry.deleted) {
            (Some(memory), _) if survives(&memory) => {
                memories.push(memory.with_metadata(entry.metadata));
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
    let count = (memories.len() + deletions.len()) as u32;
    let (mut writer, header) = Writer::begin(fingerprint, count);
    let mut bytes = header.to_vec();
    let records = memories.into_iter().map(Record::Memory);
    for record in records.chain(deletions.into_iter().map(Record::Deletion)) {
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
mod tests {
    use super::*;
    use memt_core::bank::Deletion;
    use memt_core::embedding::Embedding;
    use memt_core::slot::{Factor, Facts, Owner, Slot};

    /// A snapshot whose content follows from a seed.
    fn snapshot(seed: u32) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        let mut below = |limit: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % limit
        };
        let count = below(8);
        let (mut writer, header) = Writer::begin(Fingerprint(1), count);
        let mut bytes = header.to_vec();
        for _ in 0..count {
            let key = Key {
                origin: below(2),
                counter: below(4),
            };
            let created = Timestamp(10 * key.counter);
            let record_of = |record: Record<'_>, writer: &mut Writer| {
                writer.record(&record, &mut [0; 512]).unwrap().to_vec()
            };
            bytes.extend(if below(3) == 0 {
                let time = Timestamp(below(40));
                record_of(Record::Deletion(Deletion { key, time }), &mut writer)
            } else {
                let embedding = Embedding([below(3) as i8; 128]);
                let slot = Slot::<32, 4> {
                    facts: Facts {
                        key,
                        owner: Owner(0),
                        created,
                        accessed: Timestamp(below(3)),
                        accesses: below(2),
                        strength: Factor(below(2) as u16),
                        importance: Factor::ONE,
                    },
                    text: "red valve".try_into().unwrap(),
                    embedding,
                    squared_norm: embedding.squared_norm(),
                    signature: Default::default(),
                };
                let metadata = [b"".as_slice(), b"a", b"b"][below(3) as usize];
                let record = Record::Memory(MemoryRecord::of(slot.view(), metadata));
                record_of(record, &mut writer)
            });
        }
        bytes.extend(writer.finish().unwrap());
        bytes
    }

    fn merged(snapshots: &[&[u8]]) -> Vec<u8> {
        merge(snapshots).unwrap().0
    }

    #[test]
    fn order_and_repetition_do_not_matter() {
        for seed in 0..3000 {
            let [a, b, c] = [1, 2, 3].map(|number| snapshot(3 * seed + number));
            let all = merged(&[&a, &b, &c]);
            assert_eq!(all, merged(&[&c, &a, &b]), "{seed}");
            assert_eq!(all, merged(&[&a, &b, &c, &b, &all]), "{seed}");
            assert_eq!(all, merged(&[&merged(&[&a, &b]), &c]), "{seed}");
            assert_eq!(all, merged(&[&a, &merged(&[&b, &c])]), "{seed}");
        }
    }

    #[test]
    fn other_models_and_damage_are_refused() {
        let (writer, header) = Writer::begin(Fingerprint(2), 0);
        let mut other = header.to_vec();
        other.extend(writer.finish().unwrap());
        let refused = merge(&[snapshot(1), other]);
        assert!(matches!(refused, Err(MergeError::OtherModel { .. })));
        let mut damaged = snapshot(3);
        damaged.pop();
        let refused = merge(&[snapshot(1), damaged]);
        assert!(matches!(refused, Err(MergeError::Read { snapshot: 1, .. })));
        assert!(matches!(merge::<Vec<u8>>(&[]), Err(MergeError::Nothing)));
    }
}

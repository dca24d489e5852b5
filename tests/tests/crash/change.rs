//! What a writer does to a store, and how it says so.

use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Factor, Facts, Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::{MemoryRecord, Record, Writer};
use memt_core::write::NewMemory;
use memt_host::bank::OwnedSlot;
use memt_host::model::TextEncoder;
use memt_host::store::{NewEntry, Store, StoreError};
use memt_tests::random::Random;

pub(super) const MODEL: Fingerprint = Fingerprint(7);

/// Memories beyond which a writer forgets as often as it adds.
pub(super) const MANY: usize = 60;

/// The origin of memories that come in snapshots.
pub(super) const ELSEWHERE: u32 = 77;

/// The counter of the first of those, beyond all that a writer gives.
pub(super) const FOREIGN: u32 = 1 << 24;

/// When everything happens.
pub(super) const NOW: Timestamp = Timestamp(9);

/// One change of a store. Memories are named by their counters, and have the id of that number unless they took
/// another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Add {
        first: u32,
        count: u32,
    },
    /// A new memory takes an id, and its memory goes.
    Replace {
        id: u32,
        counter: u32,
    },
    Forget(u32),
    Read(u32),
    Replay(u32),
    /// A snapshot with so many memories, and with the note that one that may be here was forgotten.
    Import {
        first: u32,
        count: u32,
        gone: u32,
    },
    /// Beyond what is kept, these go.
    Compact {
        keep: usize,
        gone: Vec<u32>,
    },
}

pub(super) fn named(store: &Store, counter: u32) -> Key {
    let origin = match counter {
        FOREIGN.. => ELSEWHERE,
        _ => store.bank().origin(),
    };
    Key { origin, counter }
}

/// The counter of the next memory from elsewhere.
pub(super) fn next_foreign(store: &Store) -> u32 {
    let here = store.bank().keys_of(None).into_iter();
    let forgotten = store.bank().deletions().map(|deletion| deletion.key);
    let last = here.chain(forgotten).map(|key| key.counter).max();
    last.map_or(FOREIGN, |last| FOREIGN.max(last + 1))
}

impl Change {
    pub(super) fn chosen(store: &Store, random: &mut Random) -> Self {
        let bank = store.bank();
        let counters: Vec<u32> = bank.keys_of(None).iter().map(|key| key.counter).collect();
        let some = |random: &mut Random| counters[random.below(counters.len())];
        let next = bank.next_counter();
        let with_id = |counter: u32| {
            let id = store.external_id(named(store, counter))?;
            id.strip_prefix("id ")?.parse().ok()
        };
        if counters.len() > MANY {
            let keep = MANY - random.below(20);
            let gone = bank.least_retained(None, keep, NOW);
            let gone = gone.iter().map(|key| key.counter).collect();
            return match random.below(2) {
                0 => Self::Forget(some(random)),
                _ => Self::Compact { keep, gone },
            };
        }
        match random.below(10) {
            0 | 1 if !counters.is_empty() => Self::Read(some(random)),
            2 if counters.len() > MANY / 2 => Self::Forget(some(random)),
            3 if !counters.is_empty() => Self::Replay(some(random)),
            4 if !counters.is_empty() => Self::Import {
                first: next_foreign(store),
                count: random.below(4) as u32,
                gone: some(random),
            },
            5 | 6 => match counters.first().and_then(|_| with_id(some(random))) {
                Some(id) => Self::Replace { id, counter: next },
                None => Self::Add {
                    first: next,
                    count: 1,
                },
            },
            _ => Self::Add {
                first: next,
                count: 1 + random.below(4) as u32,
            },
        }
    }

    pub(super) fn make(
        &self,
        store: &mut Store,
        encoder: &TextEncoder<'_>,
    ) -> Result<(), StoreError> {
        match *self {
            Self::Add { first, count } => {
                let entries = (first..first + count).map(|counter| entry(counter, counter));
                store.write(entries.collect()).map(drop)
            }
            Self::Replace { id, counter } => store.write(vec![entry(counter, id)]).map(drop),
            Self::Forget(counter) => store.forget(&[named(store, counter)], NOW).map(drop),
            Self::Read(counter) => store.record_access(&[named(store, counter)], NOW),
            Self::Replay(counter) => {
                let key = named(store, counter);
                store.replay(&[key], encoder, NOW).map(drop)
            }
            Self::Import { first, count, gone } => {
                let deletion = Deletion {
                    key: named(store, gone),
                    time: NOW,
                };
                let snapshot = snapshot(first..first + count, deletion);
                store.import(&snapshot).map(drop)
            }
            Self::Compact { keep, ref gone } => {
                let done = store.compact(None, Some(keep), NOW)?;
                let removed: Vec<u32> = done.removed.iter().map(|key| key.counter).collect();
                assert_eq!((done.merged.len(), &removed), (0, gone));
                Ok(())
            }
        }
    }

    pub(super) fn written(&self) -> String {
        match self {
            Self::Add { first, count } => format!("+ {first} {count}"),
            Self::Replace { id, counter } => format!("= {id} {counter}"),
            Self::Forget(counter) => format!("- {counter}"),
            Self::Read(counter) => format!("r {counter}"),
            Self::Replay(counter) => format!("p {counter}"),
            Self::Import { first, count, gone } => format!("i {first} {count} {gone}"),
            Self::Compact { keep, gone } => {
                let gone: Vec<String> = gone.iter().map(u32::to_string).collect();
                format!("c {keep} {}", gone.join(" "))
            }
        }
    }

    pub(super) fn kind(&self) -> char {
        self.written().chars().next().unwrap()
    }

    pub(super) fn read(line: &str) -> Self {
        let mut parts = line.split_whitespace();
        let kind = parts.next().unwrap();
        let numbers: Vec<u32> = parts.map(|part| part.parse().unwrap()).collect();
        match (kind, &numbers[..]) {
            ("+", &[first, count]) => Self::Add { first, count },
            ("=", &[id, counter]) => Self::Replace { id, counter },
            ("-", &[counter]) => Self::Forget(counter),
            ("r", &[counter]) => Self::Read(counter),
            ("p", &[counter]) => Self::Replay(counter),
            ("i", &[first, count, gone]) => Self::Import { first, count, gone },
            ("c", [keep, gone @ ..]) => Self::Compact {
                keep: *keep as usize,
                gone: gone.to_vec(),
            },
            _ => panic!("{line}"),
        }
    }
}

pub(super) fn text(counter: u32) -> String {
    format!(
        "memory {counter}{}",
        " and more".repeat(counter as usize % 200)
    )
}

pub(super) fn slot(counter: u32) -> OwnedSlot {
    let new = NewMemory {
        owner: Owner(1),
        text: &text(counter),
        embedding: &Embedding([1 + (counter % 100) as i8; 128]),
        created: Timestamp(5),
        importance: Factor::ONE,
    };
    OwnedSlot::of(&new, b"{}").unwrap()
}

pub(super) fn entry(counter: u32, id: u32) -> NewEntry {
    NewEntry {
        slot: slot(counter),
        owner_name: "1".to_owned(),
        external_id: Some(format!("id {id}")),
    }
}

/// A snapshot of memories from elsewhere and a deletion.
pub(super) fn snapshot(counters: std::ops::Range<u32>, deletion: Deletion) -> Vec<u8> {
    let (mut writer, header) = Writer::begin(MODEL, counters.len() as u32 + 1);
    let mut bytes = header.to_vec();
    let mut room = vec![0; 4096];
    for counter in counters {
        let slot = slot(counter);
        let view = slot.view();
        let facts = Facts {
            key: Key {
                origin: ELSEWHERE,
                counter,
            },
            ..*view.facts
        };
        let view = SlotView {
            facts: &facts,
            ..view
        };
        let record = Record::Memory(MemoryRecord::of(view, b"{}"));
        bytes.extend(writer.record(&record, &mut room).unwrap());
    }
    bytes.extend(
        writer
            .record(&Record::Deletion(deletion), &mut room)
            .unwrap(),
    );
    bytes.extend(writer.finish().unwrap());
    bytes
}

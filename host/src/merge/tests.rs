//! Any snapshots in any order.

use super::*;
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::feedback::Weight;
use memt_core::slot::{Factor, Facts, Owner, Slot};

/// A snapshot whose content follows from a seed: memories and deletions in any order, then what was judged of the
/// memories.
fn snapshot(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut below = |limit: u32| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state % limit
    };
    let mut slots = Vec::new();
    let mut deletions = Vec::new();
    for _ in 0..below(8) {
        let key = Key {
            origin: below(2),
            counter: below(4),
        };
        if below(3) == 0 {
            let time = Timestamp(below(40));
            deletions.push(Deletion { key, time });
            continue;
        }
        let embedding = Embedding([below(3) as i8; 128]);
        let slot = Slot::<32, 4> {
            facts: Facts {
                key,
                owner: Owner(0),
                created: Timestamp(10 * key.counter),
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
        slots.push((slot, [b"".as_slice(), b"a", b"b"][below(3) as usize]));
    }
    let mut judged = Vec::new();
    for (slot, _) in &slots {
        for question in 0..below(4) {
            judged.push(Judgement {
                key: slot.facts.key,
                question: Embedding([1 + question as i8; 128]),
                weight: Weight(below(5) as i16 - 2),
                time: Timestamp(below(3)),
            });
        }
    }
    let memories = slots
        .iter()
        .map(|(slot, metadata)| Record::Memory(MemoryRecord::of(slot.view(), metadata)));
    let judged = judged
        .iter()
        .map(|judgement| Record::Judgement(JudgementRecord::of(judgement)));
    let mut records: Vec<Record<'_>> = memories.collect();
    for deletion in deletions {
        let at = deletion.time.0 as usize % (records.len() + 1);
        records.insert(at, Record::Deletion(deletion));
    }
    records.extend(judged);
    written(&records)
}

/// A snapshot of these records, in their order.
fn written(records: &[Record<'_>]) -> Vec<u8> {
    let (mut writer, header) = Writer::begin(Fingerprint(1), records.len() as u32);
    let mut bytes = header.to_vec();
    for record in records {
        bytes.extend(writer.record(record, &mut [0; 512]).unwrap());
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

/// A memory by its key, with when it was read last, how often, and its metadata.
type Remembered = (Key, Timestamp, u32, Vec<u8>);

/// What snapshots hold, or what their merge must hold: looked up for each key among all records.
#[derive(Debug, Default, PartialEq)]
struct Content {
    memories: BTreeMap<Key, Remembered>,
    deletions: BTreeMap<Key, Timestamp>,
    judged: BTreeMap<(Key, [i8; DIMENSIONS]), (Timestamp, i16)>,
}

impl Content {
    fn of(snapshots: &[&[u8]]) -> Self {
        let records = || {
            let readers = snapshots.iter().map(|bytes| Reader::open(bytes).unwrap());
            readers.flatten().map(Result::unwrap)
        };
        let mut content = Self::default();
        for record in records() {
            if let Record::Deletion(Deletion { key, time }) = record {
                let last = content.deletions.entry(key).or_insert(time);
                *last = time.max(*last);
            }
        }
        for record in records() {
            match record {
                Record::Memory(memory) => {
                    let facts = memory.facts;
                    // A deletion wins, unless the memory was written after it.
                    if content.deletions.get(&facts.key) >= Some(&facts.created) {
                        continue;
                    }
                    let key = facts.key;
                    let seen = (
                        key,
                        facts.accessed,
                        facts.accesses,
                        memory.metadata.to_vec(),
                    );
                    let (_, accessed, accesses, metadata) =
                        content.memories.entry(key).or_insert(seen.clone());
                    (*accessed, *accesses) = (*accessed, *accesses).max((seen.1, seen.2));
                    *metadata = seen.3.max(std::mem::take(metadata));
                }
                Record::Judgement(judged) => {
                    let name = (judged.key, judged.judgement().unwrap().question.0);
                    let verdict = (judged.time, judged.weight.0);
                    let last = content.judged.entry(name).or_insert(verdict);
                    *last = verdict.max(*last);
                }
                _ => {}
            }
        }
        let memories = &content.memories;
        content
            .deletions
            .retain(|key, _| !memories.contains_key(key));
        content
            .judged
            .retain(|name, _| memories.contains_key(&name.0));
        content
    }
}

#[test]
fn deletions_win_and_the_latest_stays() {
    let (mut removed, mut rewritten, mut judged) = (0, 0, 0);
    for seed in 0..3000 {
        let snapshots = [1, 2, 3].map(|number| snapshot(3 * seed + number));
        let snapshots = snapshots.each_ref().map(Vec::as_slice);
        let (all, counts) = merge(&snapshots).unwrap();
        let expected = Content::of(&snapshots);
        assert_eq!(Content::of(&[&all]), expected, "{seed}");
        let content = &expected;
        assert_eq!(
            (counts.memories, counts.deletions, counts.judgements),
            (
                content.memories.len(),
                content.deletions.len(),
                content.judged.len()
            ),
            "{seed}"
        );
        removed += counts.removed;
        judged += counts.judgements;
        let records = snapshots
            .iter()
            .flat_map(|bytes| Reader::open(bytes).unwrap());
        rewritten += records
            .filter(|record| match record {
                Ok(Record::Deletion(deletion)) => content.memories.contains_key(&deletion.key),
                _ => false,
            })
            .count();
    }
    assert!(
        removed > 100 && rewritten > 100 && judged > 100,
        "{removed} removed, {rewritten} written after a deletion, {judged} judged"
    );
}

/// A thousand devices that began with the same memories, wrote their own, read some and forgot
/// some; merged one after the other, and in parts of parts.
#[test]
fn a_fleet_of_a_thousand_devices() {
    use memt_core::bank::Bank;
    use memt_core::write::{NewMemory, WhenFull};
    let mut shared = Box::new(Bank::<32, 48, 8>::new());
    shared.bind(Fingerprint(1)).unwrap();
    let add = |bank: &mut Bank<32, 48, 8>, text: &str, time: u32| {
        let memory = NewMemory {
            owner: Owner(7),
            text,
            embedding: &Embedding([1 + (time % 90) as i8; 128]),
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        bank.add(&memory, WhenFull::Refuse).unwrap().key
    };
    let common: Vec<Key> = (0..10)
        .map(|n| add(&mut shared, &format!("common {n}"), n))
        .collect();
    let fleet: Vec<Vec<u8>> = (1..=1000u32)
        .map(|device| {
            let mut bank = Box::new(Bank::<32, 48, 8>::new());
            bank.bind(Fingerprint(1)).unwrap();
            for slot in shared.owned_by(None) {
                let record = MemoryRecord::of(slot, b"");
                bank.import(record.to_slot().unwrap()).unwrap();
            }
            bank.set_origin(device);
            let own: Vec<Key> = (0..3)
                .map(|n| add(&mut bank, &format!("own {n} of {device}"), 100 + n))
                .collect();
            bank.record_access(common[device as usize % 10], Timestamp(1000 + device));
            bank.forget(own[device as usize % 3], Timestamp(2000));
            if device == 500 {
                bank.forget(common[3], Timestamp(3000));
            }
            let deletions: Vec<Deletion> = bank.deletions().collect();
            let records = bank
                .owned_by(None)
                .map(|slot| Record::Memory(MemoryRecord::of(slot, b"")));
            let records: Vec<Record<'_>> = records
                .chain(deletions.into_iter().map(Record::Deletion))
                .collect();
            written(&records)
        })
        .collect();
    let (all, counts) = merge(&fleet).unwrap();
    assert_eq!((counts.memories, counts.deletions), (9 + 2000, 1001));
    let parts: Vec<Vec<u8>> = fleet
        .chunks(37)
        .rev()
        .map(|part| merge(part).unwrap().0)
        .collect();
    assert_eq!(merge(&parts).unwrap().0, all);
    let records = Reader::open(&all).unwrap().map(Result::unwrap);
    let read = records.filter_map(|record| match record {
        Record::Memory(memory) if memory.facts.key == common[4] => Some(memory.facts.accessed),
        _ => None,
    });
    // The last device that read it.
    assert_eq!(read.collect::<Vec<_>>(), [Timestamp(1994)]);
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

//! Parts of any snapshot.

use super::*;
use crate::bank::{Bank, OwnedSlot};
use crate::store::export;
use memt_core::bank::Bank as StaticBank;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::feedback::{Judgement, Weight};
use memt_core::slot::{Factor, Key};
use memt_core::write::NewMemory;
use memt_eval::Random;

/// Memories of two owners: the later, the more important, but for every third.
fn bank() -> Bank {
    let mut bank = Bank::new();
    bank.bind(Fingerprint(1)).unwrap();
    for number in 0..40u32 {
        let memory = NewMemory {
            owner: Owner(u64::from(number % 2)),
            text: &format!("memory {number}{}", " more".repeat(number as usize % 5)),
            embedding: &Embedding([1; 128]),
            created: Timestamp(number),
            importance: Factor(if number % 3 == 0 {
                0
            } else {
                4096 + number as u16
            }),
        };
        bank.write(OwnedSlot::of(&memory, b"").unwrap()).unwrap();
    }
    let first = bank.keys_of(None)[0];
    bank.forget(first, Timestamp(50));
    bank
}

fn counters(snapshot: &[u8]) -> Vec<u32> {
    let records = Reader::open(snapshot).unwrap().map(Result::unwrap);
    let counters = records.filter_map(|record| match record {
        Record::Memory(memory) => Some(memory.facts.key.counter),
        _ => None,
    });
    counters.collect()
}

#[test]
fn takes_an_owner_and_what_is_retained_most() {
    let whole = export(&bank(), None).unwrap();
    let (all, selected) = select(&whole, &Selection::default()).unwrap();
    assert_eq!(all, whole);
    assert_eq!((selected.memories, selected.deletions), (39, 1));
    let one = Selection {
        owner: Some(Owner(1)),
        most: Some(4),
        now: Timestamp(100),
        ..Selection::default()
    };
    let (part, selected) = select(&whole, &one).unwrap();
    assert_eq!(counters(&part), [29, 31, 35, 37]);
    assert_eq!((selected.memories, selected.left_out), (4, 16));
    assert_eq!(select(&part, &one).unwrap().0, part);
}

#[test]
fn takes_what_fits_a_device() {
    let whole = export(&bank(), None).unwrap();
    let fits = Selection {
        text_bytes: Some(14),
        terms: Some(3),
        ..Selection::default()
    };
    let (part, selected) = select(&whole, &fits).unwrap();
    assert_eq!(selected.memories + selected.too_large, 39);
    assert!(selected.memories > 10 && selected.too_large > 10);
    let mut device = Box::new(StaticBank::<64, 14, 3>::new());
    memt_core::snapshot::import(&mut device, &part, 0).unwrap();
    assert_eq!(device.len(), selected.memories);
    let gone = Key {
        origin: 0,
        counter: 0,
    };
    assert!(device.deletions().any(|deletion| deletion.key == gone));
    assert!(select(&whole[1..], &fits).is_err());
}

/// Memories of three owners, some read, some rehearsed, some forgotten, and judged questions.
fn any_bank(random: &mut Random) -> Bank {
    let mut bank = Bank::new();
    bank.bind(Fingerprint(1)).unwrap();
    for number in 0..random.below(40) {
        let memory = NewMemory {
            owner: Owner(random.below(3) as u64),
            text: &format!("memory {number}{}", " more".repeat(random.below(5))),
            embedding: &Embedding([1; 128]),
            created: Timestamp(random.below(20) as u32),
            importance: Factor(random.below(8192) as u16),
        };
        bank.write(OwnedSlot::of(&memory, b"{}").unwrap()).unwrap();
    }
    for key in bank.keys_of(None) {
        let now = Timestamp(20 + random.below(100_000) as u32);
        match random.below(6) {
            0 => drop(bank.forget(key, now)),
            1 => drop(bank.record_access(key, now)),
            2 => drop(bank.replay(key, now)),
            3 => drop(bank.import_judgement(Judgement {
                key,
                question: Embedding([1 + random.below(9) as i8; 128]),
                weight: Weight(100),
                time: now,
            })),
            _ => {}
        }
    }
    bank
}

/// Memories, deletions and judgements of a snapshot, in its order.
type Records<'b> = (
    Vec<MemoryRecord<'b>>,
    Vec<Deletion>,
    Vec<JudgementRecord<'b>>,
);

fn records(snapshot: &[u8]) -> Records<'_> {
    let mut records = Records::default();
    for record in Reader::open(snapshot).unwrap() {
        match record.unwrap() {
            Record::Memory(memory) => records.0.push(memory),
            Record::Deletion(deletion) => records.1.push(deletion),
            Record::Judgement(judged) => records.2.push(judged),
            _ => {}
        }
    }
    records
}

#[test]
fn any_selection_of_any_snapshot_keeps_its_promises() {
    let mut random = Random::new(3);
    let (mut left_out, mut too_large, mut judged) = (0, 0, 0);
    for round in 0..500 {
        let bank = any_bank(&mut random);
        let whole = export(&bank, None).unwrap();
        let some = |random: &mut Random, limit: usize| match random.below(2) {
            0 => None,
            _ => Some(random.below(limit)),
        };
        let selection = Selection {
            owner: some(&mut random, 3).map(|owner| Owner(owner as u64)),
            most: some(&mut random, 30),
            now: Timestamp(200_000),
            text_bytes: some(&mut random, 40),
            terms: some(&mut random, 5),
        };
        let (part, selected) = select(&whole, &selection).unwrap();
        assert_eq!(select(&part, &selection).unwrap().0, part, "{round}");
        let (all, all_deletions, all_judged) = records(&whole);
        let (kept, deletions, judgements) = records(&part);
        assert_eq!(deletions, all_deletions, "{round}");
        assert!(selection.most.is_none_or(|most| kept.len() <= most));
        // What is kept stands in the whole as it is, in the same order.
        let is_kept = |key: Key| kept.iter().any(|memory| memory.facts.key == key);
        let found = all.iter().filter(|memory| is_kept(memory.facts.key));
        assert!(found.eq(&kept), "{round}");
        let said = all_judged.iter().filter(|judged| is_kept(judged.key));
        assert!(said.eq(&judgements), "{round}");
        let of_owner = |memory: &&MemoryRecord<'_>| {
            selection
                .owner
                .is_none_or(|owner| memory.facts.owner == owner)
        };
        let fits = |memory: &&MemoryRecord<'_>| {
            let mut distinct: Vec<u32> = terms(memory.text).collect();
            distinct.sort_unstable();
            distinct.dedup();
            selection
                .text_bytes
                .is_none_or(|most| memory.text.len() <= most)
                && selection.terms.is_none_or(|most| distinct.len() <= most)
        };
        let wanted = all.iter().filter(of_owner);
        assert!(kept.iter().all(|memory| of_owner(&memory) && fits(&memory)));
        let fitting: Vec<_> = wanted.clone().filter(fits).collect();
        let out = fitting.iter().filter(|memory| !is_kept(memory.facts.key));
        let retained = |memory: &MemoryRecord<'_>| retention(&memory.facts, selection.now);
        let least = kept.iter().map(retained).fold(f32::INFINITY, f32::min);
        assert!(
            out.clone().all(|memory| retained(memory) <= least),
            "{round}"
        );
        assert_eq!(
            selected,
            Selected {
                memories: kept.len(),
                deletions: deletions.len(),
                judgements: judgements.len(),
                too_large: wanted.count() - fitting.len(),
                left_out: out.count(),
            },
            "{round}"
        );
        // Nothing is left out that there is room for.
        let room = selection.most.unwrap_or(usize::MAX);
        assert_eq!(kept.len(), fitting.len().min(room), "{round}");
        left_out += selected.left_out;
        too_large += selected.too_large;
        judged += selected.judgements;
    }
    assert!(
        left_out > 100 && too_large > 100 && judged > 100,
        "{left_out} left out, {too_large} too large, {judged} judged"
    );
}

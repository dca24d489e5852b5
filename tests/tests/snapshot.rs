//! A bank through a snapshot and back.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{ImportError, Reader, Record, import};
use memt_core::write::{NewMemory, WhenFull};
use memt_tests::random::Random;
use memt_tests::{corpus, snapshots};
use proptest::prelude::*;

const SLOTS: usize = 24;
type SmallBank = Bank<SLOTS, 120, 24>;

/// A bank with some history: adds, accesses, replays, deletions.
fn bank(seed: u64, memories: usize) -> Box<SmallBank> {
    let mut random = Random::new(seed);
    let texts = corpus::texts();
    let mut bank = Box::new(SmallBank::new());
    bank.set_origin(random.below(3) as u32);
    bank.bind(Fingerprint(seed)).unwrap();
    for _ in 0..memories {
        let embedding = Embedding(std::array::from_fn(|_| random.between(-127, 127) as i8));
        let memory = NewMemory {
            owner: Owner(random.below(3) as u64),
            text: &texts[random.below(texts.len())],
            embedding: &embedding,
            created: Timestamp(random.below(50) as u32),
            importance: Factor(random.between(0, 8192) as u16),
        };
        let Ok(report) = bank.add(&memory, WhenFull::Evict) else {
            continue;
        };
        match random.below(5) {
            0 => bank.forget(report.key, Timestamp(60)),
            1 => bank.replay(report.key, Timestamp(70)),
            2 => bank.record_access(report.key, Timestamp(80)),
            _ => true,
        };
    }
    bank
}

fn metadata(key: Key) -> Vec<u8> {
    vec![0xa5; key.counter as usize % 4]
}

fn assert_alike(a: &SmallBank, b: &SmallBank) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.owned_by(None).zip(b.owned_by(None)) {
        assert_eq!(a.facts, b.facts);
        assert_eq!(a.text, b.text);
        assert_eq!(
            (a.embedding, a.squared_norm, a.terms),
            (b.embedding, b.squared_norm, b.terms)
        );
    }
    assert!(a.deletions().eq(b.deletions()));
    assert_eq!(a.fingerprint(), b.fingerprint());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn comes_back_whole(seed: u64, memories in 0..60usize) {
        let bank = bank(seed, memories);
        let snapshot = snapshots::of_bank(&bank, metadata);
        let mut copy = Box::new(SmallBank::new());
        copy.set_origin(bank.origin());
        let report = import(&mut copy, &snapshot, 0).unwrap();
        assert_alike(&bank, &copy);
        prop_assert_eq!(report.added as usize, bank.len());
        let bytes: usize = bank.owned_by(None).map(|slot| metadata(slot.facts.key).len()).sum();
        prop_assert_eq!(report.metadata_bytes as usize, bytes);
        prop_assert_eq!(snapshots::of_bank(&copy, metadata), snapshot.clone());
        let again = import(&mut copy, &snapshot, 0).unwrap();
        prop_assert_eq!((again.added, again.known as usize), (0, bank.len()));
        assert_alike(&bank, &copy);
    }

    #[test]
    fn resumes_at_any_record(seed: u64, memories in 1..30usize, cut in 0..10_000usize) {
        let bank = bank(seed, memories);
        let snapshot = snapshots::of_bank(&bank, metadata);
        let mut copy = Box::new(SmallBank::new());
        copy.set_origin(bank.origin());
        prop_assert!(import(&mut copy, &snapshot[..cut % snapshot.len()], 0).is_err());
        let whole = bank.len();
        prop_assert!(copy.len() <= whole);
        let done = copy.len() as u32;
        import(&mut copy, &snapshot, done).unwrap();
        assert_alike(&bank, &copy);
    }

    #[test]
    fn keys_that_came_in_are_not_given_again(seed: u64, memories in 1..30usize) {
        let bank = bank(seed, memories);
        let mut copy = Box::new(SmallBank::new());
        copy.set_origin(bank.origin());
        import(&mut copy, &snapshots::of_bank(&bank, metadata), 0).unwrap();
        let memory = NewMemory {
            owner: Owner(0),
            text: "new",
            embedding: &Embedding([1; 128]),
            created: Timestamp(99),
            importance: Factor::ONE,
        };
        let key = copy.add(&memory, WhenFull::Evict).unwrap().key;
        prop_assert!(bank.get(key).is_none());
        prop_assert!(bank.deletions().all(|deletion| deletion.key != key));
    }
}

#[test]
fn another_model_is_refused_and_nothing_changes() {
    let (ours, theirs) = (bank(1, 10), bank(2, 10));
    let mut copy = bank(1, 10);
    let snapshot = snapshots::of_bank(&theirs, metadata);
    let error = import(&mut copy, &snapshot, 0).unwrap_err();
    assert!(matches!(error, ImportError::OtherModel(_)), "{error}");
    assert_alike(&ours, &copy);
}

#[test]
fn a_full_bank_takes_what_fits_and_says_where_it_stopped() {
    let big = bank(3, 40);
    assert!(big.len() > 5);
    let snapshot = snapshots::of_bank(&big, metadata);
    let mut little = Box::new(Bank::<5, 120, 24>::new());
    let error = import(&mut little, &snapshot, 0).unwrap_err();
    assert!(
        matches!(error, ImportError::Add { record: 5, .. }),
        "{error}"
    );
    assert_eq!(little.len(), 5);
    for (slot, record) in little.owned_by(None).zip(Reader::open(&snapshot).unwrap()) {
        assert!(matches!(record, Ok(Record::Memory(memory)) if memory.facts == *slot.facts));
    }
}

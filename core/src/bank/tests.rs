use super::*;
use crate::embedding::{DIMENSIONS, Embedding};
use crate::query::{Hit, QueryOptions};
use crate::slot::Factor;
use crate::write::{NewMemory, WhenFull, WriteReport};

type SmallBank = Bank<3, 32, 8>;

fn embedding(seed: i8) -> Embedding {
    let mut embedding = Embedding([1; DIMENSIONS]);
    embedding.0[seed as usize] = 127;
    embedding
}

fn bound() -> SmallBank {
    let mut bank = SmallBank::new();
    bank.bind(Fingerprint(7)).unwrap();
    bank
}

fn add(bank: &mut SmallBank, text: &str, seed: i8, time: u32) -> Result<WriteReport, AddError> {
    let memory = NewMemory {
        owner: Owner(1),
        text,
        embedding: &embedding(seed),
        created: Timestamp(time),
        importance: Factor::ONE,
    };
    bank.add(&memory, WhenFull::Refuse)
}

#[test]
fn finds_what_was_written() {
    let mut bank = bound();
    let valve = add(&mut bank, "the red valve leaks", 1, 10).unwrap();
    assert!(valve.verification.verified);
    add(&mut bank, "a blue pump hums", 2, 20).unwrap();
    let mut hits = [Hit::default(); 4];
    let options = QueryOptions::of_owner(Owner(1));
    let found = bank.query("red valve leaks", &embedding(1), &options, &mut hits);
    assert_eq!(found, Ok(2));
    assert_eq!(hits[0].key, valve.key);
    assert!(hits[0].score.total >= 0.9 && hits[1].score.total < 0.3);
    let other = QueryOptions::of_owner(Owner(2));
    assert_eq!(bank.query("valve", &embedding(1), &other, &mut hits), Ok(0));
}

#[test]
fn refuses_with_both_numbers_and_changes_nothing() {
    let mut bank = SmallBank::new();
    assert_eq!(add(&mut bank, "valve", 1, 0), Err(AddError::Unbound));
    bank.bind(Fingerprint(7)).unwrap();
    assert_eq!(add(&mut bank, " ...", 1, 0), Err(AddError::EmptyText));
    let long = "x".repeat(33);
    let too_long = AddError::TextTooLong {
        bytes: 33,
        capacity: 32,
    };
    assert_eq!(add(&mut bank, &long, 1, 0), Err(too_long));
    assert!(matches!(
        add(&mut bank, "b c d e f g h j k", 1, 0),
        Err(AddError::TooManyTerms(_))
    ));
    assert!(bank.is_empty());
    assert_eq!(add(&mut bank, "valve", 1, 0).unwrap().key.counter, 0);
    assert!(bank.bind(Fingerprint(8)).is_err());
}

#[test]
fn a_full_bank_refuses_or_evicts_the_least_retained() {
    let mut bank = bound();
    let keys = [30, 10, 20].map(|time| add(&mut bank, "valve", 1, time).unwrap().key);
    assert_eq!(
        add(&mut bank, "pump", 2, 40),
        Err(AddError::Full { capacity: 3 })
    );
    bank.record_access(keys[1], Timestamp(35));
    let memory = NewMemory {
        owner: Owner(1),
        text: "pump",
        embedding: &embedding(2),
        created: Timestamp(40),
        importance: Factor::ONE,
    };
    let report = bank.add(&memory, WhenFull::Evict).unwrap();
    assert_eq!(report.evicted, Some(keys[2]));
    assert_eq!(bank.len(), 3);
}

#[test]
fn forgotten_keys_do_not_come_back() {
    let mut bank = bound();
    let key = add(&mut bank, "valve", 1, 10).unwrap().key;
    let slot = bank.slots[0].clone();
    assert!(bank.forget(key, Timestamp(50)));
    assert!(!bank.forget(key, Timestamp(50)));
    assert_eq!(bank.import(slot), Ok(false));
    assert_ne!(add(&mut bank, "valve", 1, 10).unwrap().key, key);
    assert_eq!(bank.forget_all(Some(Owner(2)), Timestamp(60)), 0);
    assert_eq!(bank.forget_all(None, Timestamp(60)), 1);
    assert_eq!(bank.deletions().count(), 2);
}

#[test]
fn forgotten_deletions_are_counted() {
    let mut bank = bound();
    for time in 0..40 {
        let key = add(&mut bank, "valve", 1, time).unwrap().key;
        bank.forget(key, Timestamp(time));
    }
    assert_eq!(bank.deletions().count(), MAX_DELETIONS);
    assert_eq!(bank.lost_deletions(), 8);
}

//! The static bank against a plain list of memories, under random histories.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bank {
    pub(crate) mod history;
    pub(crate) mod question;
}

use bank::history::{History, Operation, operations};
use memt_core::bank::{AddError, Bank};
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::{NewMemory, WhenFull};
use memt_tests::models;
use memt_tests::random::Random;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn does_what_a_list_would(operations in operations(60)) {
        let mut history = History::new();
        for operation in &operations {
            history.apply(operation);
            history.compare();
        }
    }

    #[test]
    fn the_same_history_gives_the_same_bank(operations in operations(40)) {
        let run = |operations: &[Operation]| {
            let mut history = History::new();
            operations.iter().for_each(|operation| history.apply(operation));
            format!("{:?}", history.bank)
        };
        prop_assert_eq!(run(&operations), run(&operations));
    }
}

#[test]
fn an_unbound_bank_refuses() {
    let mut bank = Bank::<2, 16, 4>::new();
    let memory = NewMemory {
        owner: Owner(0),
        text: "text",
        embedding: &Embedding([1; 128]),
        created: Timestamp(0),
        importance: Factor::ONE,
    };
    assert_eq!(bank.add(&memory, WhenFull::Evict), Err(AddError::Unbound));
    bank.bind(Fingerprint(1)).unwrap();
    assert!(bank.add(&memory, WhenFull::Evict).is_ok());
    assert!(bank.bind(Fingerprint(1)).is_ok());
    assert!(bank.bind(Fingerprint(2)).is_err());
    assert_eq!(bank.fingerprint(), Some(Fingerprint(1)));
}

#[test]
fn keys_are_never_given_twice_through_evictions_and_deletions() {
    let mut bank = Bank::<3, 16, 4>::new();
    bank.bind(Fingerprint(1)).unwrap();
    let mut given = std::collections::HashSet::new();
    let mut random = Random::new(1);
    for time in 0..500 {
        let memory = NewMemory {
            owner: Owner(0),
            text: "text",
            embedding: &Embedding([1; 128]),
            created: Timestamp(random.below(1000) as u32),
            importance: Factor(random.between(0, 8192) as u16),
        };
        let report = bank.add(&memory, WhenFull::Evict).unwrap();
        assert!(given.insert(report.key), "{}", report.key);
        if random.below(3) == 0 {
            bank.forget(report.key, Timestamp(time));
        }
    }
}

#[test]
fn a_write_verifies_itself_with_a_real_encoder() {
    let texts = [
        "The boiler valve was replaced",
        "Theo cannot eat walnuts",
        "Train to Leeds at 8:40",
    ];
    let model = models::trained("default");
    let embeddings = models::encode(&model, &texts);
    let mut bank = Bank::<4, 64, 16>::new();
    bank.bind(models::integer_encoder(&model).fingerprint())
        .unwrap();
    let mut add = |index: usize| {
        let memory = NewMemory {
            owner: Owner(0),
            text: texts[index],
            embedding: &embeddings[index],
            created: Timestamp(0),
            importance: Factor::ONE,
        };
        bank.add(&memory, WhenFull::Refuse).unwrap().verification
    };
    for index in 0..3 {
        let verification = add(index);
        assert!(verification.verified, "{verification:?}");
        assert_eq!(verification.similarity.to_f32(), 1.0);
        assert!(verification.rival.to_f32() < 0.8, "{verification:?}");
    }
    assert!(!add(1).verified, "an equal older text is found first");
}

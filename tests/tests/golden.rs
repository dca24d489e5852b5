//! Files and hashes that may never change by accident. `MEMT_BLESS=1` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use memt_core::bank::{Bank, Deletion};
use memt_core::feedback::{Verdict, Weight};
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::snapshot::{Reader, Record, import};
use memt_core::text::class::unicode_fingerprint;
use memt_core::write::{NewMemory, WhenFull};
use memt_tests::aligned::AlignedBytes;
use memt_tests::corpus::{self, WORDS};
use memt_tests::golden::{assert_bytes, assert_json};
use memt_tests::tiny_model::TinyModel;
use memt_tests::{models, snapshots};
use rayon::prelude::*;
use serde_json::json;

#[test]
fn unicode_tables() {
    let fingerprint = format!("{:016x}", unicode_fingerprint());
    assert_json(
        "unicode.json",
        &json!({ "class_and_lower_case": fingerprint }),
    );
}

#[test]
fn tiny_image() {
    assert_bytes("v0.memt", TinyModel::GOLDEN.image(&WORDS).as_ref());
    let model = TinyModel::GOLDEN.image(&WORDS);
    let encoder = models::integer_encoder(&model);
    assert!(encoder.image().verify_fingerprint());
}

#[test]
fn embeddings_of_the_golden_image() {
    let model = TinyModel::GOLDEN.image(&WORDS);
    assert_json("embeddings_v0.json", &embeddings(&model));
}

#[test]
fn embeddings_of_the_default_model() {
    assert_json(
        "embeddings_default.json",
        &embeddings(&models::trained("default")),
    );
}

#[test]
fn embeddings_of_the_bag_model() {
    assert_json("embeddings_bag.json", &embeddings(&models::trained("bag")));
}

#[test]
fn embeddings_of_the_small_model() {
    assert_json(
        "embeddings_small.json",
        &embeddings(&models::trained("small")),
    );
}

/// The hash that every machine must give, after one thread and many gave the same.
fn embeddings(model: &AlignedBytes) -> serde_json::Value {
    let texts = corpus::texts();
    let one_thread = models::encode(model, &texts);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(7).build();
    let many_threads: Vec<_> = pool.expect("threads start").install(|| {
        let parts = texts.par_chunks(13).map(|part| models::encode(model, part));
        parts.collect::<Vec<_>>().concat()
    });
    assert!(one_thread == many_threads, "threads must not matter");
    json!({
        "model": models::integer_encoder(model).fingerprint().to_string(),
        "texts": texts.len(),
        "hash": format!("{:016x}", models::hash(&one_thread)),
    })
}

type GoldenBank = Bank<16, 128, 24, 4>;

/// Memories with every kind of text that fits, metadata, accesses, replays, two deletions and two judged
/// questions.
fn golden_bank() -> Box<GoldenBank> {
    let texts = [
        "The boiler valve was replaced on Tuesday.",
        "Doesn't like coffee",
        "東京タワーへ行く",
        "café cafe\u{301}",
        "👩‍👩‍👧‍👦 visit on 19 September",
        "echo echo echo echo",
        "forgotten soon",
        "also forgotten",
    ];
    let model = TinyModel::GOLDEN.image(&WORDS);
    let embeddings = models::encode(&model, &texts);
    let mut bank = Box::new(Bank::new());
    bank.set_origin(7);
    bank.bind(models::integer_encoder(&model).fingerprint())
        .unwrap();
    for (index, (text, embedding)) in texts.iter().zip(&embeddings).enumerate() {
        let memory = NewMemory {
            owner: Owner(index as u64 % 3 * 0x1_0000_0001),
            text,
            embedding,
            created: Timestamp(1_763_800_000 - 1000 * index as u32),
            importance: Factor(4096 + 512 * index as u16),
        };
        bank.add(&memory, WhenFull::Refuse).unwrap();
    }
    let key = |counter| Key { origin: 7, counter };
    assert!(bank.record_access(key(0), Timestamp(1_763_900_000)));
    assert!(bank.replay(key(3), Timestamp(1_763_900_001)));
    assert!(bank.forget(key(6), Timestamp(1_763_900_002)));
    assert!(bank.forget(key(7), Timestamp(1_763_900_003)));
    let said = [(1, Verdict::Positive), (0, Verdict::VeryNegative)];
    for (time, (counter, verdict)) in (1_763_900_004..).zip(said) {
        let (text, embedding) = (
            texts[3 * counter as usize],
            &embeddings[3 * counter as usize],
        );
        let judged = bank.judge(text, embedding, key(counter), verdict, Timestamp(time));
        assert_ne!(judged.unwrap().weight, Weight(0));
    }
    bank
}

fn golden_metadata(key: Key) -> Vec<u8> {
    format!("{{\"number\":{}}}", key.counter).into_bytes()
}

#[test]
fn snapshot_is_written_as_before() {
    assert_bytes(
        "v0.slots",
        &snapshots::of_bank(&golden_bank(), golden_metadata),
    );
}

#[test]
fn snapshot_opens_with_its_content_and_is_written_again_alike() {
    let path = memt_tests::golden::path("v0.slots");
    let snapshot = std::fs::read(path).unwrap();
    let header = Reader::check(&snapshot).unwrap();
    assert_eq!(header.count, 10);
    let records: Vec<_> = Reader::open(&snapshot)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected = golden_bank();
    assert_eq!(Some(header.fingerprint), expected.fingerprint());
    for (record, slot) in records.iter().zip(expected.owned_by(None)) {
        let Record::Memory(memory) = record else {
            panic!("memories come before deletions");
        };
        assert_eq!(memory.facts, *slot.facts);
        assert_eq!(memory.text, slot.text);
        assert_eq!(memory.embedding().unwrap(), *slot.embedding);
        assert_eq!(memory.metadata, golden_metadata(slot.facts.key));
    }
    let deletions = [(6, 1_763_900_002), (7, 1_763_900_003)].map(|(counter, time)| {
        Record::Deletion(Deletion {
            key: Key { origin: 7, counter },
            time: Timestamp(time),
        })
    });
    assert_eq!(records[6..8], deletions);
    for (record, judgement) in records[8..].iter().zip(expected.judgements()) {
        assert!(
            matches!(record, Record::Judgement(judged) if judged.judgement() == Ok(*judgement))
        );
    }
    assert_eq!(
        snapshots::of_records(header.fingerprint.0, &records),
        snapshot
    );
    let mut bank = Box::new(GoldenBank::new());
    let report = import(&mut bank, &snapshot, 0).unwrap();
    assert_eq!((report.records, report.added, report.deletions), (10, 6, 2));
    assert_eq!((report.judgements, report.judgements_left_out), (2, 0));
    assert_eq!(snapshots::of_bank(&bank, golden_metadata), snapshot);
}

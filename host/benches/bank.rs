//! Encoding, writing, asking and opening, each in a second or two: `cargo bench --package memt-host`.
//!
//! `memt bench` measures whole banks and bank files; this compares one build with the one before.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use made_up::MadeUp;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::query::QueryOptions;
use memt_core::score::Mode;
use memt_core::slot::{Factor, Owner, Timestamp};
use memt_core::write::NewMemory;
use memt_host::bank::{Bank, OwnedSlot};
use memt_host::model::Model;
use memt_host::store::{NewEntry, Opening};
use std::hint::black_box;
use std::time::Duration;

#[path = "../src/commands/bench/made_up.rs"]
mod made_up;

const ANNA: Owner = Owner(1);
const NO_MODEL: Fingerprint = Fingerprint(1);

fn slot(number: u64) -> OwnedSlot {
    let mut made_up = MadeUp::new(number);
    let memory = NewMemory {
        owner: ANNA,
        text: &made_up.text(),
        embedding: &made_up.embedding(),
        created: Timestamp(number as u32),
        importance: Factor::ONE,
    };
    OwnedSlot::of(&memory, b"").expect("a text with words")
}

fn filled(memories: u64) -> Bank {
    let mut bank = Bank::new();
    bank.bind(NO_MODEL).expect("an empty bank");
    for number in 0..memories {
        bank.write(slot(number)).expect("a bound bank");
    }
    bank
}

fn question() -> (String, Embedding) {
    let mut made_up = MadeUp::new(u64::MAX);
    (made_up.text(), made_up.embedding())
}

fn encode(criterion: &mut Criterion) {
    let model = Model::built_in().expect("the bundled model");
    let encoder = model.text_encoder(Default::default()).expect("an encoder");
    let texts: Vec<String> = (0..64).map(|number| MadeUp::new(number).text()).collect();
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("64 texts of 9 words", |bencher| {
        bencher.iter(|| encoder.encode_all(black_box(&texts)));
    });
}

fn add(criterion: &mut Criterion) {
    let mut bank = filled(10_000);
    let mut numbers = 10_000..;
    let mut group = criterion.benchmark_group("add");
    group.bench_function("write", |bencher| {
        let new = || numbers.next().map(slot).expect("another number");
        bencher.iter_batched(
            new,
            |slot| bank.write(slot),
            criterion::BatchSize::SmallInput,
        );
    });
    let bank = filled(10_000);
    let new = slot(10_000);
    group.bench_function("verify among 10000", |bencher| {
        bencher.iter(|| bank.verify(black_box(&new)));
    });
}

fn query(criterion: &mut Criterion) {
    let (text, embedding) = question();
    let mut group = criterion.benchmark_group("query");
    for memories in [1_000, 10_000, 100_000] {
        let bank = filled(memories);
        let modes = [
            ("fused", Mode::Fused),
            ("dense scan", Mode::Dense),
            ("words", Mode::Lexical),
        ];
        for (name, mode) in modes {
            let options = QueryOptions {
                mode,
                ..QueryOptions::of_owner(ANNA)
            };
            group.bench_function(BenchmarkId::new(name, memories), |bencher| {
                bencher.iter(|| bank.query(black_box(&text), black_box(&embedding), &options, 10));
            });
        }
    }
}

fn load(criterion: &mut Criterion) {
    const MEMORIES: u64 = 20_000;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bank.redb");
    let mut store = Opening::or_new(&path).open(NO_MODEL).expect("a new file");
    let entry = |number| NewEntry {
        slot: slot(number),
        owner_name: "1".to_owned(),
        external_id: None,
    };
    let entries = (0..MEMORIES).map(entry).collect();
    store.write(entries).expect("room on the disk");
    drop(store);
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Elements(MEMORIES));
    group.bench_function("20000 from a file", |bencher| {
        bencher.iter(|| Opening::existing(&path).open(NO_MODEL));
    });
}

criterion_group! {
    name = all;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = encode, add, query, load
}
criterion_main!(all);

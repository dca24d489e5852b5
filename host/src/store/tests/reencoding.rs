//! Changing a store to another model.

use super::*;
use std::sync::atomic::AtomicBool;

fn small() -> Model {
    let image = include_bytes!("../../../models/small.memt");
    Model::of_bytes(image, crate::model::Source::Memory).unwrap()
}

/// Holds every embedding to what the model says of the text.
fn is_of(store: &Store, model: &Model) {
    let encoder = model.text_encoder(Default::default()).unwrap();
    for slot in store.bank().owned_by(None) {
        assert_eq!(
            *slot.embedding,
            encoder.encode_one(slot.text).unwrap(),
            "{}",
            slot.text
        );
    }
}

#[test]
fn a_store_in_use_changes_its_model() {
    let (folder, model, small) = (Folder::new(), Model::built_in().unwrap(), small());
    let path = folder.file("bank.redb");
    let stores = Opening::or_new(&path)
        .open_owners(fingerprint(&model), 50)
        .unwrap();
    let switched = AtomicBool::new(false);
    let now = || match switched.load(Ordering::SeqCst) {
        true => &small,
        false => &model,
    };
    let write = |number: usize| {
        let owner = format!("owner {}", number % 7);
        // The model may change between encoding and writing; then it is tried again.
        let written = stores.change(&owner, |store| {
            let new = entry(now(), &owner, None, &format!("memory number {number}"));
            store.write(vec![new])
        });
        written.unwrap();
    };
    (0..60).for_each(write);
    let encoder = small.text_encoder(Default::default()).unwrap();
    std::thread::scope(|scope| {
        let changing = scope.spawn(|| {
            let switch = || switched.store(true, Ordering::SeqCst);
            stores.reencode(&encoder, |_| {}, switch)
        });
        let mut number = 60;
        while !changing.is_finished() {
            write(number);
            let owner = format!("owner {}", number % 7);
            stores.read(&owner, |store| is_of(store, now())).unwrap();
            number += 1;
        }
        changing.join().unwrap().unwrap();
        write(number);
    });
    assert_eq!(stores.fingerprint(), fingerprint(&small));
    drop(stores);
    let health = check(&path).unwrap();
    assert_eq!(health.problems, [] as [&str; 0]);
    let all = Opening::existing(&path).open(fingerprint(&small)).unwrap();
    assert!(all.bank().len() > 60);
    is_of(&all, &small);
}

#[test]
fn every_interruption_leaves_a_store_of_one_model() {
    let (folder, model, small) = (Folder::new(), Model::built_in().unwrap(), small());
    let (path, keys) = filled(&folder, &model);
    let encoder = small.text_encoder(Default::default()).unwrap();
    let open = |path: &Path| Opening::existing(path);
    // After the first step: the old model still answers, and memories change meanwhile.
    let shared = open(&path)
        .shared(Fingerprint(0), file::Pages::Checked)
        .unwrap();
    let reencoding = reencode::Reencoding::of(Arc::clone(&shared), &encoder);
    reencoding.encode(&mut |_| {}).unwrap();
    drop((reencoding, shared));
    let mut store = open(&path).open(fingerprint(&model)).unwrap();
    is_of(&store, &model);
    store.record_access(&keys[..1], Timestamp(2000)).unwrap();
    store.forget(&keys[1..2], Timestamp(2000)).unwrap();
    store
        .add(vec![entry(&model, "anna", None, "one more")])
        .unwrap();
    drop(store);
    // After the second one: the new model answers, and memories change again.
    let shared = open(&path)
        .shared(Fingerprint(0), file::Pages::Checked)
        .unwrap();
    let reencoding = reencode::Reencoding::of(Arc::clone(&shared), &encoder);
    reencoding.encode_and_switch(&mut |_| {}).unwrap();
    drop((reencoding, shared));
    assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
    let out = folder.file("repaired.redb");
    repair(&path, &out).unwrap();
    is_of(&open(&out).open(fingerprint(&small)).unwrap(), &small);
    let refused = open(&path).open(fingerprint(&model));
    assert!(matches!(refused, Err(StoreError::OtherModel { .. })));
    let mut store = open(&path).open(fingerprint(&small)).unwrap();
    is_of(&store, &small);
    assert_eq!(store.bank().get(keys[0]).unwrap().facts.accesses, 1);
    store.record_access(&keys[..1], Timestamp(3000)).unwrap();
    let told = state(&store);
    drop(store);
    let store = open(&path).open(fingerprint(&small)).unwrap();
    assert_eq!(state(&store), told);
    drop(store);
    // Back to the first model, from there.
    let encoder = model.text_encoder(Default::default()).unwrap();
    open(&path).reencode(&encoder, |_| {}).unwrap();
    let store = open(&path).open(fingerprint(&model)).unwrap();
    is_of(&store, &model);
    assert_eq!(state(&store), told);
    drop(store);
    let shared = open(&path)
        .shared(Fingerprint(0), file::Pages::Checked)
        .unwrap();
    assert_eq!(
        shared
            .storage()
            .rows()
            .unwrap()
            .count(Table::Encodings)
            .unwrap(),
        0
    );
}

/// What a change of models says of its progress, until it is interrupted at a certain moment.
fn interrupted(
    at: Option<reencode::Reencoded>,
    change: impl FnOnce(&mut dyn FnMut(reencode::Reencoded)),
) -> Vec<reencode::Reencoded> {
    let mut told = Vec::new();
    let mut hear = |progress| {
        told.push(progress);
        if Some(progress) == at {
            // As if the program ended here.
            std::panic::resume_unwind(Box::new("interrupted"));
        }
    };
    let change = std::panic::AssertUnwindSafe(|| change(&mut hear));
    let ended = std::panic::catch_unwind(change);
    assert_eq!(ended.is_err(), at.is_some(), "{told:?}");
    told
}

#[test]
fn an_interrupted_change_goes_on_where_it_was() {
    use reencode::{BATCH, Reencoded};
    let (folder, small) = (Folder::new(), small());
    let path = folder.file("bank.redb");
    let mut store = Opening::or_new(&path).open(Fingerprint(7)).unwrap();
    // The last owner's memories do not fit one transaction.
    for (owner, count) in [("1", 10), ("2", 20), ("3", 2 * BATCH + 30)] {
        let entries = (0..count).map(|number| NewEntry {
            owner_name: owner.to_owned(),
            external_id: None,
            ..made_up(&format!("memory {number}"))
        });
        store.write(entries.collect()).unwrap();
    }
    drop(store);
    let encoder = small.text_encoder(Default::default()).unwrap();
    let run = |at: Option<Reencoded>| {
        interrupted(at, |progress| {
            let opening = Opening::existing(&path);
            opening.reencode(&encoder, progress).unwrap();
        })
    };
    let batch = BATCH as u64;
    let of = 2 * batch + 60;
    let encoded = |done: u64| Reencoded::Encoded { done, of };
    let settled = |done: u64, of: u64| Reencoded::Settled { done, of };
    let steps = [10, 30, 30 + batch].map(encoded);
    assert_eq!(run(Some(steps[2])), steps);
    // What is encoded is not encoded again.
    let steps = [10, 30, 30 + 2 * batch].map(encoded);
    let mut told = run(Some(steps[2]));
    told.retain(|progress| matches!(progress, Reencoded::Encoded { .. }));
    assert_eq!(told, steps);
    // The rest is encoded, and the first owner's rows are written; then only those of the others are.
    run(Some(settled(10, of)));
    let steps = [0, 20, of - 10].map(|done| settled(done, of - 10));
    assert_eq!(run(None), steps);
    let store = Opening::existing(&path).open(fingerprint(&small)).unwrap();
    assert_eq!(store.bank().len() as u64, of);
    is_of(&store, &small);
}

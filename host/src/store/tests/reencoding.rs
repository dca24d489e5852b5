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
    let store = open(&path).open_reencoding(&encoder).unwrap();
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

//! Bank files that crash, are shared, damaged or foreign.

use super::storage::{Batch, Versions};
use super::tables::Head;
use super::*;
use crate::bank::OwnedSlot;
use crate::model::Model;
use memt_core::bank::AddError;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Factor, Timestamp};
use memt_core::write::NewMemory;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

mod damage;
mod owners;
mod reencoding;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("memt-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn entry(model: &Model, owner: &str, id: Option<&str>, text: &str) -> NewEntry {
    let encoder = model.text_encoder(Default::default()).unwrap();
    let embedding = encoder.encode_one(text).unwrap();
    let new = NewMemory {
        owner: owner_of_name(owner),
        text,
        embedding: &embedding,
        created: Timestamp(1000),
        importance: Factor::ONE,
    };
    NewEntry {
        slot: OwnedSlot::of(&new, br#"{"room":3}"#).unwrap(),
        owner_name: owner.to_owned(),
        external_id: id.map(str::to_owned),
    }
}

fn fingerprint(model: &Model) -> Fingerprint {
    model.image().unwrap().fingerprint()
}

/// A file with three memories of two owners, and their keys.
fn filled(folder: &Folder, model: &Model) -> (PathBuf, Vec<Key>) {
    let path = folder.file("bank.redb");
    let mut store = Opening::or_new(&path).open(fingerprint(model)).unwrap();
    let entries = vec![
        entry(model, "anna", Some("first"), "the boiler valve is new"),
        entry(model, "anna", None, "the keys are under the pot"),
        entry(model, "7", Some("first"), "green tea is in the drawer"),
    ];
    let added = store.add(entries).unwrap();
    assert!(added.iter().all(|added| added.verification.verified));
    (path, added.iter().map(|added| added.key).collect())
}

fn state(store: &Store) -> String {
    let memories = store.bank().owned_by(None).map(|slot| {
        let key = slot.facts.key;
        let metadata = store.bank().metadata(key).unwrap();
        let names = (store.external_id(key), store.owner_name(slot.facts.owner));
        format!("{:?} {} {metadata:?} {names:?}", slot.facts, slot.text)
    });
    let memories: Vec<String> = memories.collect();
    let deletions: Vec<_> = store.bank().deletions().collect();
    let next = store.bank().next_counter();
    format!("{memories:#?} {deletions:?} {next}")
}

#[test]
fn everything_is_there_again() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, keys) = filled(&folder, &model);
    let open = || Opening::existing(&path).open(fingerprint(&model)).unwrap();
    let mut store = open();
    assert_ne!(store.bank().origin(), 0);
    let anna = store.owner("anna").unwrap();
    assert_eq!(store.key_of(anna, "first"), Some(keys[0]));
    assert_eq!(store.key_of(Owner(7), "first"), Some(keys[2]));
    store.record_access(&keys[1..], Timestamp(2000)).unwrap();
    let again = vec![
        entry(&model, "anna", Some("first"), "the boiler valve broke"),
        entry(&model, "anna", Some("first"), "the boiler was sold"),
    ];
    let added = store.add(again).unwrap();
    assert_eq!(added[0].replaced, Some(keys[0]));
    assert_eq!(added[1].replaced, Some(added[0].key));
    assert_eq!(
        store.forget(&[keys[1], keys[1]], Timestamp(3000)).unwrap(),
        1
    );
    let before = state(&store);
    drop(store);
    let mut store = open();
    assert_eq!(state(&store), before);
    assert_eq!(store.bank().len(), 2);
    assert_eq!(store.bank().get(keys[2]).unwrap().facts.accesses, 1);
    let next = store
        .add(vec![entry(&model, "0", None, "one more")])
        .unwrap();
    assert_eq!(next[0].key.counter, 5);
}

#[test]
fn a_copy_of_the_file_made_at_any_time_opens() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, _) = filled(&folder, &model);
    let copy = folder.file("copy.redb");
    let mut store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    for number in 0..20 {
        let text = format!("memory number {number}");
        store.add(vec![entry(&model, "0", None, &text)]).unwrap();
        // What a power failure would leave: the file while it is open.
        std::fs::copy(&path, &copy).unwrap();
        let after = Opening::existing(&copy).open(fingerprint(&model)).unwrap();
        assert_eq!(state(&after), state(&store));
    }
}

#[test]
fn a_second_opening_is_told_so() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, _) = filled(&folder, &model);
    let store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    let second = Opening::existing(&path).open(fingerprint(&model));
    assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
    drop(store);
    assert!(Opening::existing(&path).open(fingerprint(&model)).is_ok());
}

#[test]
fn foreign_and_damaged_files_are_refused() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let open = |path: &Path| Opening::existing(path).open(fingerprint(&model)).err();
    let missing = open(&folder.file("none.redb"));
    assert!(matches!(missing, Some(StoreError::Missing(_))));
    let path = folder.file("text");
    std::fs::write(&path, "just a text").unwrap();
    assert!(
        matches!(open(&path), Some(StoreError::Damaged { .. })),
        "{:?}",
        open(&path)
    );
    let (path, _) = filled(&folder, &model);
    let whole = std::fs::read(&path).unwrap();
    for length in [1, 100, 4096, whole.len() / 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(
            open(&path).is_some(),
            "{length} bytes were taken for a bank"
        );
    }
    std::fs::write(&path, &whole).unwrap();
    assert!(open(&path).is_none());
}

#[test]
fn a_flipped_bit_changes_no_memory() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, _) = filled(&folder, &model);
    let whole = std::fs::read(&path).unwrap();
    let before = state(&Opening::existing(&path).open(fingerprint(&model)).unwrap());
    // Every page that is not empty, at a place or two.
    let used = whole.chunks(512).enumerate();
    let used = used.filter(|(_, block)| block.iter().any(|&byte| byte != 0));
    for (block, _) in used {
        let mut flipped = whole.clone();
        flipped[block * 512 + 37] ^= 16;
        std::fs::write(&path, &flipped).unwrap();
        if let Ok(store) = Opening::existing(&path).open(fingerprint(&model)) {
            assert_eq!(state(&store), before, "block {block}");
            drop(store);
            assert_eq!(check(&path).unwrap().problems, [] as [&str; 0]);
        }
    }
}

#[test]
fn a_newer_format_and_another_model_are_refused() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, _) = filled(&folder, &model);
    let other = Opening::existing(&path).open(Fingerprint(1)).unwrap_err();
    assert!(other.to_string().contains("memt reencode"), "{other}");
    let file = file::File::open(&path, file::Pages::Checked).unwrap();
    let mut batch = Batch::new(9);
    let mut head = Head::new(Fingerprint(1)).unwrap();
    head.format = 2;
    batch.head = Some(head);
    file.commit(batch).unwrap();
    drop(file);
    let newer = Opening::existing(&path).open(fingerprint(&model));
    assert!(
        matches!(newer, Err(StoreError::Format { format: 2, .. })),
        "{newer:?}"
    );
}

#[test]
fn texts_are_encoded_anew() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, keys) = filled(&folder, &model);
    let small = include_bytes!("../../models/small.memt");
    let small = Model::of_bytes(small, crate::model::Source::Memory).unwrap();
    let encoder = small.text_encoder(Default::default()).unwrap();
    Opening::existing(&path).reencode(&encoder, |_| {}).unwrap();
    let store = Opening::existing(&path).open(fingerprint(&small)).unwrap();
    let slot = store.bank().get(keys[0]).unwrap();
    assert_eq!(*slot.embedding, encoder.encode_one(slot.text).unwrap());
    assert_eq!(store.external_id(keys[0]), Some("first"));
}

#[test]
fn snapshots_carry_everything_and_nothing_twice() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, keys) = filled(&folder, &model);
    let mut store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    store.forget(&keys[..1], Timestamp(5000)).unwrap();
    let snapshot = store.export(None).unwrap();
    let other = folder.file("other.redb");
    let mut other = Opening::or_new(&other).open(fingerprint(&model)).unwrap();
    let report = other.import(&snapshot).unwrap();
    assert_eq!((report.added, report.known, report.deletions), (2, 0, 1));
    let report = other.import(&snapshot).unwrap();
    assert_eq!((report.added, report.known, report.deletions), (0, 2, 0));
    assert_eq!(other.export(None).unwrap(), snapshot);
    assert_eq!(other.bank().metadata(keys[1]), Some(&br#"{"room":3}"#[..]));
    let damaged = &snapshot[..snapshot.len() - 1];
    assert!(matches!(
        other.import(damaged),
        Err(StoreError::Snapshot(_))
    ));
    let one = store.export(Some(Owner(7))).unwrap();
    assert_eq!(memt_core::snapshot::Header::read(&one).unwrap().count, 2);
}

#[test]
fn a_refused_batch_leaves_nothing() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let (path, _) = filled(&folder, &model);
    let mut store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    let before = state(&store);
    store.shared.skip_to_counter(u32::MAX - 1);
    let entries = vec![
        entry(&model, "0", None, "fits"),
        entry(&model, "0", None, "does not"),
    ];
    let refused = store.add(entries);
    assert!(matches!(
        refused,
        Err(StoreError::Add(AddError::KeysExhausted))
    ));
    drop(store);
    let store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    assert_eq!(state(&store), before);
}

#[test]
fn replay_and_compaction_are_on_disk_and_touch_nothing_else() {
    let folder = Folder::new();
    let model = Model::built_in().unwrap();
    let encoder = model.text_encoder(Default::default()).unwrap();
    let (path, keys) = filled(&folder, &model);
    let mut store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    let again = store.add(vec![
        entry(&model, "anna", None, "the boiler valve is new again"),
        entry(&model, "anna", None, "the boiler pump is new"),
    ]);
    let again: Vec<Key> = again.unwrap().iter().map(|added| added.key).collect();
    let before: Vec<_> = keys
        .iter()
        .map(|&key| *store.bank().get(key).unwrap().embedding)
        .collect();
    let replayed = store.replay(&again, &encoder, Timestamp(2000)).unwrap();
    assert_eq!(replayed.len(), 2);
    for (&key, before) in keys.iter().zip(&before) {
        let slot = store.bank().get(key).unwrap();
        assert_eq!((slot.facts.strength, slot.embedding), (Factor::ONE, before));
    }
    assert!(store.bank().get(again[1]).unwrap().facts.strength > Factor::ONE);
    let done = store.compact(None, Some(3), Timestamp(3000)).unwrap();
    assert_eq!(done.merged, [(again[0], keys[0])]);
    assert_eq!(done.removed.len(), 1);
    assert_eq!(store.bank().len(), 3);
    assert!(store.bank().get(again[1]).is_some());
    let told = state(&store);
    drop(store);
    let store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    assert_eq!(state(&store), told);
    assert_eq!(store.key_of(owner_of_name("anna"), "first"), None);
}

/// A file with many memories, some changed, some forgotten, and what it holds.
fn worn(folder: &Folder) -> (PathBuf, String) {
    let path = folder.file("worn.redb");
    let mut store = Opening::or_new(&path).open(Fingerprint(7)).unwrap();
    for round in 0..20 {
        let entries = (0..10).map(|number| made_up(&format!("memory {number} of round {round}")));
        let keys = store.write(entries.collect()).unwrap();
        store.record_access(&keys[..3], Timestamp(2000)).unwrap();
        store.forget(&keys[8..], Timestamp(3000)).unwrap();
    }
    let told = state(&store);
    (path, told)
}

/// An entry whose embedding says nothing.
fn made_up(text: &str) -> NewEntry {
    let new = NewMemory {
        owner: owner_of_name("anna"),
        text,
        embedding: &memt_core::embedding::Embedding([1; 128]),
        created: Timestamp(1000),
        importance: Factor::ONE,
    };
    NewEntry {
        slot: OwnedSlot::of(&new, b"7").unwrap(),
        owner_name: "anna".to_owned(),
        external_id: Some(text.to_owned()),
    }
}

fn texts(store: &Store) -> Vec<String> {
    let slots = store.bank().owned_by(None);
    slots.map(|slot| slot.text.to_owned()).collect()
}

#[test]
fn a_whole_file_is_found_whole_and_saved_as_it_is() {
    let folder = Folder::new();
    let (path, told) = worn(&folder);
    let health = check(&path).unwrap();
    assert_eq!(health.problems, [] as [&str; 0]);
    assert_eq!((health.memories, health.deletions), (160, 40));
    let out = folder.file("out.redb");
    let repaired = repair(&path, &out).unwrap();
    assert_eq!(
        (repaired.memories, repaired.ids_lost, repaired.nameless),
        (160, 0, 0)
    );
    let open = |path: &Path| Opening::existing(path).open(Fingerprint(7)).unwrap();
    assert_eq!(state(&open(&out)), told);
    assert!(matches!(repair(&path, &out), Err(StoreError::Exists(_))));
}

#[test]
fn a_backup_is_of_one_moment_whatever_is_written_meanwhile() {
    let folder = Folder::new();
    let (path, told) = worn(&folder);
    let mut store = Opening::existing(&path).open(Fingerprint(7)).unwrap();
    let backup = store.begin_backup().unwrap();
    let out = folder.file("backup.redb");
    let there = out.clone();
    let copying = std::thread::spawn(move || backup.write_to(&there, |_| {}));
    for number in 0..50 {
        store
            .write(vec![made_up(&format!("meanwhile {number}"))])
            .unwrap();
    }
    copying.join().unwrap().unwrap();
    let copy = Opening::existing(&out).open(Fingerprint(7)).unwrap();
    assert_eq!(state(&copy), told);
    assert_ne!(state(&store), told);
    let again = store.begin_backup().unwrap().write_to(&out, |_| {});
    assert!(matches!(again, Err(StoreError::Exists(_))));
}

/// A storage that has no room.
#[derive(Debug)]
struct Full(PathBuf);

impl Storage for Full {
    fn is_read_only(&self) -> bool {
        false
    }

    fn rows(&self) -> Result<Box<dyn Rows>, StoreError> {
        Err(StoreError::Failed(self.0.clone()))
    }

    fn version(&self, _: Owner) -> Result<Option<Version>, StoreError> {
        Ok(None)
    }

    fn versions(&self, _: u64) -> Result<Option<Versions>, StoreError> {
        Ok(None)
    }

    fn lease_origin(&self) -> Result<Option<u32>, StoreError> {
        Ok(None)
    }

    fn freeze(&self) -> Result<Box<dyn Frozen + '_>, StoreError> {
        Err(StoreError::Failed(self.0.clone()))
    }

    fn commit(&self, _: Batch) -> Result<(), StoreError> {
        let path = self.0.clone();
        let error = std::io::ErrorKind::StorageFull.into();
        Err(StoreError::Full { path, error })
    }
}

#[test]
fn what_is_not_durable_is_not_in_memory() {
    let (folder, model) = (Folder::new(), Model::built_in().unwrap());
    let encoder = model.text_encoder(Default::default()).unwrap();
    let (path, keys) = filled(&folder, &model);
    let mut store = Opening::existing(&path).open(fingerprint(&model)).unwrap();
    let again = entry(&model, "anna", None, "the boiler valve is new again");
    store.add(vec![again]).unwrap();
    let mut other = Opening::or_new(&folder.file("other.redb"))
        .open(fingerprint(&model))
        .unwrap();
    other
        .add(vec![entry(&model, "bert", None, "tea at five")])
        .unwrap();
    let snapshot = other.export(None).unwrap();
    let told = state(&store);
    let full = Shared::new(&path, Box::new(Full(path.clone())), store.shared.head());
    store.shared = Arc::new(full.unwrap());
    let now = Timestamp(9000);
    let tried = [
        store
            .add(vec![entry(&model, "anna", Some("first"), "more")])
            .err(),
        store.forget(&keys, now).err(),
        store.record_access(&keys, now).err(),
        store.replay(&keys, &encoder, now).err(),
        store.compact(None, Some(1), now).err(),
        store.import(&snapshot).err(),
    ];
    for error in &tried {
        assert!(matches!(error, Some(StoreError::Full { .. })), "{error:?}");
        assert_eq!(state(&store), told);
    }
}

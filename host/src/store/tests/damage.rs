//! Files with flipped bytes, without their ends, or with pages of nothing in them.

use super::record::{StoredDeletion, StoredMemory};
use super::tables::Table;
use super::*;
use core::ops::Range;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a page of the file.
const PAGE: usize = 4096;

/// A text and how often it was read.
type Told = (String, u32);

/// What is read of a memory that no deletion takes away, by the newest of these frames.
fn told<'b>(frames: impl Iterator<Item = &'b frame::Frame<'b>>) -> BTreeSet<Told> {
    let mut memories: BTreeMap<Key, (u64, Told)> = BTreeMap::new();
    let mut deleted = BTreeSet::new();
    for frame in frames {
        match frame.table {
            Table::Memories => {
                let stored: StoredMemory<'_> = postcard::from_bytes(frame.payload).unwrap();
                let facts = stored.record.facts;
                let copy = (stored.record.text.to_owned(), facts.accesses);
                let newest = memories
                    .entry(facts.key)
                    .or_insert((frame.revision, copy.clone()));
                if newest.0 < frame.revision {
                    *newest = (frame.revision, copy);
                }
            }
            Table::Deletions => {
                let stored: StoredDeletion = postcard::from_bytes(frame.payload).unwrap();
                deleted.insert(stored.deletion.key);
            }
            _ => {}
        }
    }
    memories.retain(|key, _| !deleted.contains(key));
    memories.into_values().map(|(_, told)| told).collect()
}

/// A file, and the frames in it with the bytes that they take.
struct Whole {
    folder: Folder,
    bytes: Vec<u8>,
    all: BTreeSet<Told>,
}

/// What a repair saved of a damaged file.
struct Saved {
    told: BTreeSet<Told>,
    is_all: bool,
}

impl Saved {
    /// Texts that are lost, and texts that were forgotten and are back.
    fn lost_and_back(&self, whole: &Whole) -> (usize, usize) {
        let texts = |told: &BTreeSet<Told>| -> BTreeSet<String> {
            told.iter().map(|(text, _)| text.clone()).collect()
        };
        let (saved, all) = (texts(&self.told), texts(&whole.all));
        (
            all.difference(&saved).count(),
            saved.difference(&all).count(),
        )
    }
}

impl Whole {
    fn new() -> Self {
        let folder = Folder::new();
        let (path, _) = worn(&folder);
        let bytes = std::fs::read(&path).unwrap();
        let mut whole = Self {
            folder,
            bytes,
            all: BTreeSet::new(),
        };
        whole.all = whole.in_file(&path);
        whole
    }

    fn in_file(&self, path: &Path) -> BTreeSet<Told> {
        let store = Opening::existing(path).open(Fingerprint(7)).unwrap();
        let slots = store.bank().owned_by(None);
        slots
            .map(|slot| (slot.text.to_owned(), slot.facts.accesses))
            .collect()
    }

    fn frames(&self) -> Vec<(Range<usize>, frame::Frame<'_>)> {
        const CHECKSUM: usize = 4;
        let start = self.bytes.as_ptr().addr();
        let found = frame::found_in(&self.bytes).map(|frame| {
            let payload = frame.payload.as_ptr().addr() - start;
            let begin = payload - (frame::OVERHEAD - CHECKSUM);
            (begin..payload + frame.payload.len() + CHECKSUM, frame)
        });
        found.collect()
    }

    /// Damages the file so that only the frames that `is_left` remain; what is told of them is saved, and where
    /// that is not all, the damage is reported.
    fn damaged(
        &self,
        name: &str,
        damage: impl FnOnce(&mut Vec<u8>),
        is_left: impl Fn(&Range<usize>) -> bool,
    ) -> Saved {
        let (path, out) = (
            self.folder.file("damaged.redb"),
            self.folder.file("out.redb"),
        );
        let mut bytes = self.bytes.clone();
        damage(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        let problems = check(&path).unwrap().problems;
        let frames = self.frames();
        let left: Vec<_> = frames.iter().filter(|(place, _)| is_left(place)).collect();
        let told = match repair(&path, &out) {
            Ok(_) => {
                assert_eq!(check(&out).unwrap().problems, [] as [&str; 0]);
                let told = self.in_file(&out);
                std::fs::remove_file(&out).unwrap();
                told
            }
            Err(StoreError::NothingToSave(_)) => BTreeSet::new(),
            Err(error) => panic!("{name}: {error}"),
        };
        assert_eq!(
            told,
            super::damage::told(left.iter().map(|(_, frame)| frame)),
            "{name}"
        );
        let is_all = told == self.all;
        assert!(is_all || !problems.is_empty(), "{name} was not reported");
        Saved { told, is_all }
    }
}

#[test]
fn flipped_bytes_are_reported_and_the_rest_is_saved() {
    let whole = Whole::new();
    let frames = whole.frames();
    let rows = frames
        .iter()
        .filter(|(_, frame)| matches!(frame.table, Table::Memories | Table::Deletions));
    let in_rows = rows.map(|(place, _)| (place.start + place.end) / 2);
    let anywhere = (1..whole.bytes.len()).step_by(whole.bytes.len() / 37);
    let every = in_rows.clone().count() / 60 + 1;
    let mut unlike = 0;
    for at in anywhere.chain(in_rows.step_by(every)) {
        let flip = |bytes: &mut Vec<u8>| bytes[at] ^= 0x40;
        let name = format!("a flip at {at}");
        let saved = whole.damaged(&name, flip, |place| !place.contains(&at));
        // One memory at most is lost, and one deletion, whose memory comes back.
        let (lost, back) = saved.lost_and_back(&whole);
        assert!(lost + back <= 1, "{at}: lost {lost}, back {back}");
        unlike += usize::from(!saved.is_all);
    }
    println!("{unlike} flips lost, revived or aged a memory");
    assert!(unlike > 0, "no flip mattered");
}

#[test]
fn what_ends_before_a_cut_is_saved() {
    let whole = Whole::new();
    let mut unlike = 0;
    for tenth in 1..=10 {
        let length = whole.bytes.len() * tenth / 11;
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(length);
        let name = format!("a cut at {length}");
        let saved = whole.damaged(&name, cut, |place| place.end <= length);
        unlike += usize::from(!saved.is_all);
    }
    assert!(unlike > 2, "{unlike} cuts mattered");
    let path = whole.folder.file("cut.redb");
    std::fs::write(&path, "nothing of a bank").unwrap();
    let nothing = repair(&path, &whole.folder.file("none.redb"));
    assert!(matches!(nothing, Err(StoreError::NothingToSave(_))));
}

#[test]
fn what_lies_outside_a_lost_page_is_saved() {
    let whole = Whole::new();
    let frames = whole.frames();
    let pages: BTreeSet<usize> = frames.iter().map(|(place, _)| place.start / PAGE).collect();
    let every = pages.len() / 30 + 1;
    let mut unlike = 0;
    for page in pages.into_iter().step_by(every).chain([0]) {
        let lost = page * PAGE..(page + 1) * PAGE;
        let clear = |bytes: &mut Vec<u8>| bytes[lost.clone()].fill(0);
        let name = format!("page {page} of zeros");
        let saved = whole.damaged(&name, clear, |place| {
            place.end <= lost.start || place.start >= lost.end
        });
        unlike += usize::from(!saved.is_all);
    }
    println!("{unlike} pages mattered");
    assert!(unlike > 0, "no page mattered");
}

//! Saving what is good of a damaged bank file.
//!
//! Nothing is believed of the file's structure: every [frame](super::frame) that is whole is found by its
//! mark, and of several copies of a row the newest counts. The damaged file stays as it is.

use super::error::StoreError;
use super::file::{File, Made};
use super::frame;
use super::names::{NAMED, owner_of_name};
use super::record::{Encoding, Note, StoredDeletion, StoredMemory};
use super::storage::{Batch, Storage};
use super::tables::{Head, Row, Table};
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Key, Owner};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// Bytes of rows that are written in one transaction.
const BATCH_BYTES: usize = 16 << 20;

/// What was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repair {
    /// Memories.
    pub memories: usize,
    /// Deletions.
    pub deletions: usize,
    /// Memories whose owner's name is lost; they are found under the owner's number.
    pub nameless: usize,
    /// Ids that two memories had; the older one lost it.
    pub ids_lost: usize,
}

/// The newest copy of each row.
#[derive(Default)]
struct Found<'b> {
    head: Option<(u64, Head)>,
    owners: BTreeMap<Owner, &'b str>,
    memories: BTreeMap<Key, (u64, StoredMemory<'b>)>,
    deletions: BTreeMap<Key, StoredDeletion>,
    encodings: BTreeMap<Key, (u64, Encoding<'b>)>,
    notes: BTreeMap<u64, (u64, &'b [u8])>,
}

/// Looks for rows in the bytes of a file and writes them to a new bank file, `out`, which must not be
/// there yet.
pub fn repair(path: &Path, out: &Path) -> Result<Repair, StoreError> {
    if out.exists() {
        return Err(StoreError::Exists(out.to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => StoreError::Missing(path.to_owned()),
        _ => StoreError::database(path, redb::StorageError::Io(error)),
    })?;
    let mut found = Found::default();
    for frame in frame::found_in(&bytes) {
        found.take(path, frame)?;
    }
    let mut repair = Repair::default();
    found.settle(&mut repair);
    let made = File::make(out, |file| found.write(path, file))?;
    match made {
        Made::New => Ok(repair),
        Made::WasThere => Err(StoreError::Exists(out.to_owned())),
    }
}

impl<'b> Found<'b> {
    fn take(&mut self, path: &Path, frame: frame::Frame<'b>) -> Result<(), StoreError> {
        let revision = frame.revision;
        match frame.table {
            Table::Head => {
                let head = Head::of_payload(path, frame.payload)?;
                if self.head.is_none_or(|(newest, _)| newest <= revision) {
                    self.head = Some((revision, head));
                }
            }
            Table::Owners => {
                if let Ok(Some(name)) = postcard::from_bytes::<Option<&str>>(frame.payload) {
                    self.owners.insert(owner_of_name(name), name);
                }
            }
            Table::Memories => {
                if let Ok(stored) = postcard::from_bytes::<StoredMemory<'_>>(frame.payload)
                    && stored.slot().is_ok()
                {
                    let key = stored.record.facts.key;
                    let newest = self.memories.get(&key);
                    if newest.is_none_or(|(newest, _)| *newest <= revision) {
                        self.memories.insert(key, (revision, stored));
                    }
                }
            }
            Table::Deletions => {
                if let Ok(stored) = postcard::from_bytes::<StoredDeletion>(frame.payload) {
                    self.deletions.insert(stored.deletion.key, stored);
                }
            }
            Table::Notes => {
                if let Ok(Note { number, bytes }) = postcard::from_bytes(frame.payload) {
                    let newest = self.notes.get(&number);
                    if newest.is_none_or(|(newest, _)| *newest <= revision) {
                        self.notes.insert(number, (revision, bytes));
                    }
                }
            }
            Table::Encodings => {
                if let Ok(encoding) = postcard::from_bytes::<Encoding<'_>>(frame.payload) {
                    let newest = self.encodings.get(&encoding.key);
                    if newest.is_none_or(|(newest, _)| *newest <= revision) {
                        self.encodings.insert(encoding.key, (revision, encoding));
                    }
                }
            }
        }
        Ok(())
    }

    /// Lets deletions win, and gives each id to one memory.
    fn settle(&mut self, repair: &mut Repair) {
        let deletions = &self.deletions;
        self.memories.retain(|key, _| !deletions.contains_key(key));
        let mut ids: HashMap<(Owner, &str), Key> = HashMap::new();
        let mut by_revision: Vec<(u64, Key)> = self
            .memories
            .iter()
            .map(|(key, (revision, _))| (*revision, *key))
            .collect();
        by_revision.sort_unstable();
        for &(_, key) in &by_revision {
            let stored = self.memories.get(&key);
            let Some((record, id)) = stored.map(|(_, stored)| (stored.record, stored.id)) else {
                continue;
            };
            let owner = record.facts.owner;
            let earlier = id.and_then(|id| ids.insert((owner, id), key));
            if let Some((_, loser)) = earlier.and_then(|earlier| self.memories.get_mut(&earlier)) {
                loser.id = None;
                repair.ids_lost += 1;
            }
            let named = owner.0 < NAMED || self.owners.contains_key(&owner);
            repair.nameless += usize::from(!named);
        }
        repair.memories = self.memories.len();
        repair.deletions = self.deletions.len();
    }

    /// The newest head, or a new one with an origin of its own; of the model that wrote last.
    fn head(&self, path: &Path) -> Result<Head, StoreError> {
        let written = self.memories.values();
        let newest = written.max_by_key(|(revision, _)| *revision);
        match (self.head, newest) {
            (Some((revision, head)), Some((later, stored))) if *later > revision => Ok(Head {
                fingerprint: stored.fingerprint,
                revision: *later,
                ..head
            }),
            (Some((_, head)), _) => Ok(head),
            (None, Some((revision, stored))) => Ok(Head {
                revision: *revision,
                ..Head::new(Fingerprint(stored.fingerprint))?
            }),
            (None, None) => Err(StoreError::NothingToSave(path.to_owned())),
        }
    }

    fn write(&self, path: &Path, file: &File) -> Result<(), StoreError> {
        let mut head = self.head(path)?;
        let own = self.memories.keys().chain(self.deletions.keys());
        let own = own.filter(|key| key.origin == head.origin);
        let used = own.map(|key| key.counter.saturating_add(1)).max();
        head.next_counter = head.next_counter.max(used.unwrap_or(0));
        head.revision += 1;
        let revision = head.revision;
        let mut batch = Batch::new(revision);
        batch.put(Table::Head, Row::HEAD, &head)?;
        let owners = self
            .memories
            .values()
            .map(|(_, stored)| stored.record.facts.owner);
        let owners: BTreeSet<Owner> = owners.chain(self.owners.keys().copied()).collect();
        for owner in owners {
            let name = self.owners.get(&owner);
            batch.put(Table::Owners, Row::of_owner(owner), &name)?;
        }
        for stored in self.deletions.values() {
            let row = Row::of(stored.owner, stored.deletion.key);
            batch.put(Table::Deletions, row, stored)?;
        }
        for (&number, &(_, bytes)) in &self.notes {
            batch.put(Table::Notes, Row::of_note(number), &Note { number, bytes })?;
        }
        for (key, (_, stored)) in &self.memories {
            let row = Row::of(stored.record.facts.owner, *key);
            batch.put(Table::Memories, row, stored)?;
            let behind = stored.fingerprint != head.fingerprint;
            if let Some((_, encoding)) = self.encodings.get(key).filter(|_| behind) {
                batch.put(Table::Encodings, row, encoding)?;
            }
            if batch.bytes() >= BATCH_BYTES {
                file.commit(std::mem::replace(&mut batch, Batch::new(revision)))?;
            }
        }
        file.commit(batch)
    }
}

//! Saving what is good of a damaged bank file.
//!
//! Nothing is believed of the file's structure: every [frame](super::frame) that is whole is found by its
//! mark, and of several copies of a row the newest counts. The damaged file stays as it is.

use super::error::StoreError;
use super::file::{File, Made};
use super::frame;
use super::names::{NAMED, owner_of_name};
use super::record::{Note, StoredMemory};
use super::storage::{Batch, Storage};
use super::tables::{Head, Table, pack};
use memt_core::bank::Deletion;
use memt_core::slot::{Key, Owner};
use std::collections::{BTreeMap, HashMap};
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
    deletions: BTreeMap<Key, Deletion>,
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
                if let Ok(name) = postcard::from_bytes::<&str>(frame.payload) {
                    self.owners.insert(owner_of_name(name), name);
                }
            }
            Table::Memories => {
                if let Ok(stored) = postcard::from_bytes::<StoredMemory<'_>>(frame.payload)
                    && stored.slot(false).is_ok()
                {
                    let key = stored.record.facts.key;
                    let newest = self.memories.get(&key);
                    if newest.is_none_or(|(newest, _)| *newest <= revision) {
                        self.memories.insert(key, (revision, stored));
                    }
                }
            }
            Table::Deletions => {
                if let Ok(deletion) = postcard::from_bytes::<Deletion>(frame.payload) {
                    self.deletions.insert(deletion.key, deletion);
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
            let stored = self.memories.get(&key).map(|(_, stored)| *stored);
            let Some(StoredMemory { record, id, .. }) = stored else {
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

    fn write(&self, path: &Path, file: &mut File) -> Result<(), StoreError> {
        let Some((_, head)) = self.head else {
            return Err(StoreError::NothingToSave(path.to_owned()));
        };
        let own = self.memories.keys().chain(self.deletions.keys());
        let own = own.filter(|key| key.origin == head.origin);
        let used = own.map(|key| key.counter.saturating_add(1)).max();
        let mut head = head;
        head.next_counter = head.next_counter.max(used.unwrap_or(0));
        head.revision += 1;
        let mut batch = Batch::new(head.revision);
        let put = batch.put(Table::Head, 0, &head);
        put.map_err(StoreError::Encoding)?;
        for (owner, name) in &self.owners {
            let put = batch.put(Table::Owners, owner.0, name);
            put.map_err(StoreError::Encoding)?;
        }
        for deletion in self.deletions.values() {
            let put = batch.put(Table::Deletions, pack(deletion.key), deletion);
            put.map_err(StoreError::Encoding)?;
        }
        for (&number, &(_, bytes)) in &self.notes {
            let put = batch.put(Table::Notes, number, &Note { number, bytes });
            put.map_err(StoreError::Encoding)?;
        }
        for (key, (_, stored)) in &self.memories {
            let put = batch.put(Table::Memories, pack(*key), stored);
            put.map_err(StoreError::Encoding)?;
            if batch.bytes() >= BATCH_BYTES {
                file.commit(&batch)?;
                batch = Batch::new(head.revision);
            }
        }
        file.commit(&batch)
    }
}

//! Opening and making stores.

use super::Store;
use super::error::StoreError;
use super::file::File;
use super::frame;
use super::names::Names;
use super::record::{NotAMemory, Note, StoredMemory, lexicon};
use super::storage::{Batch, Rows, Storage};
use super::tables::{Head, THIS_FORMAT, Table, unpack};
use crate::bank::Bank;
use crate::model::TextEncoder;
use memt_core::bank::{Deletion, OtherModel};
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// How to open a bank file.
#[derive(Clone, Debug)]
pub struct Opening {
    path: PathBuf,
    make_if_missing: bool,
}

impl Opening {
    /// The file has to be there.
    pub fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            make_if_missing: false,
        }
    }

    /// The file is made if it is missing.
    pub fn or_new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            make_if_missing: true,
        }
    }

    /// Opens the file for a model; a file of another model is refused.
    pub fn open(&self, fingerprint: Fingerprint) -> Result<Store, StoreError> {
        let store = self.open_any(fingerprint)?;
        match store.bank.fingerprint() {
            Some(bank) if bank != fingerprint => Err(StoreError::OtherModel {
                path: self.path.clone(),
                error: OtherModel {
                    bank,
                    offered: fingerprint,
                },
            }),
            _ => Ok(store),
        }
    }

    /// Opens the file and encodes its texts anew if it holds embeddings of another model.
    pub fn open_reencoding(&self, encoder: &TextEncoder<'_>) -> Result<Store, StoreError> {
        let mut store = self.open_any(encoder.fingerprint())?;
        if store.bank.fingerprint() != Some(encoder.fingerprint()) {
            store.reencode(encoder)?;
        }
        Ok(store)
    }

    /// Opens the file whatever its model is; a new one is for `fingerprint`.
    pub fn open_any(&self, fingerprint: Fingerprint) -> Result<Store, StoreError> {
        let path = &self.path;
        if self.make_if_missing && !path.exists() {
            let head = Head::new(fingerprint)?;
            File::make(path, |file| {
                let mut batch = Batch::new(head.revision);
                batch
                    .put(Table::Head, 0, &head)
                    .map_err(StoreError::Encoding)?;
                file.commit(&batch)
            })?;
        }
        let file = File::open(path)?;
        let contents = Contents::read(path, file.rows()?.as_ref())?;
        Ok(Store {
            path: path.clone(),
            storage: Box::new(file),
            bank: contents.bank,
            names: contents.names,
            notes: contents.notes,
            dirty: BTreeSet::new(),
            revision: contents.revision,
        })
    }
}

impl Head {
    /// That of a new store, with an origin of its own.
    pub(super) fn new(fingerprint: Fingerprint) -> Result<Self, StoreError> {
        Ok(Self {
            format: THIS_FORMAT,
            fingerprint: fingerprint.0,
            origin: random_origin()?,
            next_counter: 0,
            revision: 0,
            lexicon: lexicon(),
        })
    }

    /// Reads what is in a frame; the error says what is wrong.
    pub(super) fn of_payload(path: &Path, payload: &[u8]) -> Result<Self, StoreError> {
        let damaged = |error: postcard::Error| StoreError::Damaged {
            path: path.to_owned(),
            reason: format!("head: {error}"),
        };
        let (format, _): (u32, _) = postcard::take_from_bytes(payload).map_err(damaged)?;
        if format != THIS_FORMAT {
            let path = path.to_owned();
            return Err(StoreError::Format { path, format });
        }
        postcard::from_bytes(payload).map_err(damaged)
    }
}

/// A random number other than 0, which is for devices.
fn random_origin() -> Result<u32, StoreError> {
    loop {
        let origin = getrandom::u32().map_err(StoreError::Random)?;
        if origin != 0 {
            return Ok(origin);
        }
    }
}

/// All that a store holds.
struct Contents {
    bank: Bank,
    names: Names,
    notes: BTreeMap<u64, Box<[u8]>>,
    revision: u64,
    /// Room for one memory's terms.
    hashes: Vec<u32>,
}

impl Contents {
    fn read(path: &Path, rows: &dyn Rows) -> Result<Self, StoreError> {
        let damaged = |reason: String| StoreError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let mut head = None;
        rows.read(Table::Head, &mut |_, _, framed| {
            let frame = frame::of_table(Table::Head, framed);
            let frame = frame.ok_or_else(|| damaged("head is damaged".to_owned()))?;
            head = Some(Head::of_payload(path, frame.payload)?);
            Ok(())
        })?;
        let head = head.ok_or_else(|| damaged("no head".to_owned()))?;
        let mut contents = Self {
            bank: Bank::new(),
            names: Names::default(),
            notes: BTreeMap::new(),
            revision: head.revision,
            hashes: Vec::new(),
        };
        // A bank without memories takes any model.
        if contents.bank.bind(Fingerprint(head.fingerprint)).is_err() {
            return Err(damaged("bound twice".to_owned()));
        }
        contents.bank.set_origin(head.origin);
        contents.bank.reserve(rows.count(Table::Memories)? as usize);
        let same_lexicon = head.lexicon == lexicon();
        for table in [
            Table::Owners,
            Table::Memories,
            Table::Deletions,
            Table::Notes,
        ] {
            rows.read(table, &mut |_, key, framed| {
                contents
                    .take(table, key, framed, same_lexicon)
                    .map_err(damaged)
            })?;
        }
        contents.bank.skip_to_counter(head.next_counter);
        Ok(contents)
    }

    fn take(
        &mut self,
        table: Table,
        key: u64,
        framed: &[u8],
        same_lexicon: bool,
    ) -> Result<(), String> {
        let frame = frame::of_table(table, framed);
        let frame = frame.ok_or_else(|| format!("{} {key} is damaged", table.name()))?;
        let unreadable = |error: postcard::Error| format!("{} {key}: {error}", table.name());
        match table {
            Table::Head => {}
            Table::Owners => {
                let name: &str = postcard::from_bytes(frame.payload).map_err(unreadable)?;
                self.names.learn_owner(Owner(key), name.to_owned());
            }
            Table::Memories => {
                let stored: StoredMemory<'_> =
                    postcard::from_bytes(frame.payload).map_err(unreadable)?;
                let named = unpack(key);
                let facts = stored.record.facts;
                if facts.key != named {
                    return Err(format!("memory {named} calls itself {}", facts.key));
                }
                let taken = self.take_memory(&stored, same_lexicon);
                taken.map_err(|error| format!("memory {named}: {error}"))?;
                if let Some(id) = stored.id {
                    self.names.learn_id(facts.owner, id, named);
                }
            }
            Table::Deletions => {
                let deletion: Deletion = postcard::from_bytes(frame.payload).map_err(unreadable)?;
                self.bank.import_deletion(deletion);
            }
            Table::Notes => {
                let note: Note<'_> = postcard::from_bytes(frame.payload).map_err(unreadable)?;
                if note.number != key {
                    return Err(format!("note {key} calls itself {}", note.number));
                }
                self.notes.insert(key, note.bytes.into());
            }
        }
        Ok(())
    }
    fn take_memory(
        &mut self,
        stored: &StoredMemory<'_>,
        same_lexicon: bool,
    ) -> Result<(), NotAMemory> {
        if same_lexicon {
            let embedding = stored.record.embedding().map_err(NotAMemory::Record)?;
            let slot = stored.view(&embedding, &mut self.hashes)?;
            self.bank.import_view(slot, stored.record.metadata);
        } else {
            self.bank.import(stored.slot(false)?);
        }
        Ok(())
    }
}

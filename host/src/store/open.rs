//! Opening and making stores.

use super::Store;
use super::error::StoreError;
use super::file::{File, Pages};
use super::frame;
use super::known::Known;
use super::names::{Names, owner_of_name};
use super::record::{Encoding, NotAMemory, Note, StoredDeletion, StoredMemory};
use super::shared::Shared;
use super::storage::{Batch, Part, Rows, Storage};
use super::tables::{Head, NOBODY, Row, THIS_FORMAT, Table};
use crate::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to open a bank file.
#[derive(Clone, Debug)]
pub struct Opening {
    path: PathBuf,
    make_if_missing: bool,
    owner: Option<String>,
}

impl Opening {
    /// The file has to be there.
    pub fn existing(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            make_if_missing: false,
            owner: None,
        }
    }

    /// The file is made if it is missing.
    pub fn or_new(path: &Path) -> Self {
        Self {
            make_if_missing: true,
            ..Self::existing(path)
        }
    }

    /// Opens only the memories of this owner.
    pub fn only(mut self, owner: &str) -> Self {
        self.owner = Some(owner.to_owned());
        self
    }

    /// Opens the file for a model; a file of another model is refused.
    pub fn open(&self, fingerprint: Fingerprint) -> Result<Store, StoreError> {
        self.load(self.shared_of(fingerprint, self.pages())?)
    }

    /// Opens the file whatever its model is; a new one is for `fingerprint`.
    pub fn open_any(&self, fingerprint: Fingerprint) -> Result<Store, StoreError> {
        self.load(self.shared(fingerprint, self.pages())?)
    }

    /// Opens the file, with the memories of no owner yet; a file of another model is refused.
    pub(super) fn shared_of(
        &self,
        fingerprint: Fingerprint,
        pages: Pages,
    ) -> Result<Arc<Shared>, StoreError> {
        let shared = self.shared(fingerprint, pages)?;
        shared.must_be_of(fingerprint)?;
        Ok(shared)
    }

    /// Opens the file, with the memories of no owner yet.
    pub(super) fn shared(
        &self,
        fingerprint: Fingerprint,
        pages: Pages,
    ) -> Result<Arc<Shared>, StoreError> {
        let path = &self.path;
        if self.make_if_missing && !path.exists() {
            let head = Head::new(fingerprint)?;
            File::make(path, |file| {
                let mut batch = Batch::new(head.revision);
                batch.head = Some(head);
                file.commit(batch)
            })?;
        }
        let file = File::open(path, pages)?;
        let head = Head::read(path, file.rows()?.as_ref())?;
        Ok(Arc::new(Shared::new(path, Box::new(file), head)?))
    }

    /// Where all of a file is about to be read, all of it may as well be checked.
    fn pages(&self) -> Pages {
        match self.owner {
            Some(_) => Pages::Believed,
            None => Pages::Checked,
        }
    }

    fn load(&self, shared: Arc<Shared>) -> Result<Store, StoreError> {
        let scope = self.owner.as_deref().map(owner_of_name);
        let store = Store::load(shared, scope)?;
        if let Some(name) = &self.owner {
            store.owner(name)?;
        }
        Ok(store)
    }
}

impl Store {
    /// Reads all that the store holds, or one owner's part of it.
    pub(super) fn load(shared: Arc<Shared>, scope: Option<Owner>) -> Result<Self, StoreError> {
        let rows = shared.storage().rows()?;
        let known = Known::of_rows(rows.as_ref(), scope)?;
        let head = shared.head();
        let model = known.as_ref().map(Known::model);
        if let Some(other) = model.filter(|model| model.0 != head.fingerprint) {
            return Err(shared.other_model(other, head.fingerprint));
        }
        let contents = Contents::read(&shared, rows.as_ref(), scope)?;
        Ok(Self {
            bank: contents.bank,
            names: contents.names,
            notes: contents.notes,
            dirty: BTreeSet::new(),
            shared,
            scope,
            known,
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
        })
    }

    /// That of a store that is there.
    pub(super) fn read(path: &Path, rows: &dyn Rows) -> Result<Self, StoreError> {
        let mut head = None;
        rows.read(Table::Head, Part::All, &mut |_, _, framed| {
            let frame = frame::of_table(Table::Head, framed);
            let frame = frame.ok_or_else(|| StoreError::damaged(path, "head is damaged"))?;
            head = Some(Self::of_payload(path, frame.payload)?);
            Ok(())
        })?;
        head.ok_or_else(|| StoreError::damaged(path, "no head"))
    }

    /// Reads what is in a frame; the error says what is wrong.
    pub(super) fn of_payload(path: &Path, payload: &[u8]) -> Result<Self, StoreError> {
        let damaged = |error: postcard::Error| StoreError::damaged(path, format!("head: {error}"));
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

/// What a store, or one owner's part of it, holds.
struct Contents {
    bank: Bank,
    names: Names,
    notes: BTreeMap<u64, Box<[u8]>>,
    head: Head,
    /// Embeddings of the head's model that lie beside the rows of memories.
    encodings: HashMap<Row, Embedding>,
    /// Room for one memory's terms.
    hashes: Vec<u32>,
}

impl Contents {
    fn read(shared: &Shared, rows: &dyn Rows, scope: Option<Owner>) -> Result<Self, StoreError> {
        let path = shared.path();
        let head = shared.head();
        let mut contents = Self {
            bank: Bank::new(),
            names: Names::default(),
            notes: BTreeMap::new(),
            head,
            encodings: HashMap::new(),
            hashes: Vec::new(),
        };
        contents.bank.rebind(Fingerprint(head.fingerprint));
        contents.bank.set_origin(head.origin);
        if scope.is_none() {
            contents.bank.reserve(rows.count(Table::Memories)? as usize);
        }
        let part = scope.map_or(Part::All, Part::Of);
        for table in [
            Table::Owners,
            Table::Encodings,
            Table::Memories,
            Table::Deletions,
        ] {
            contents.read_table(path, rows, table, part)?;
        }
        match scope {
            Some(_) => contents.read_table(path, rows, Table::Deletions, Part::Of(NOBODY))?,
            None => {
                contents.read_table(path, rows, Table::Notes, Part::All)?;
                contents.bank.skip_to_counter(head.next_counter);
            }
        }
        Ok(contents)
    }

    fn read_table(
        &mut self,
        path: &Path,
        rows: &dyn Rows,
        table: Table,
        part: Part<'_>,
    ) -> Result<(), StoreError> {
        rows.read(table, part, &mut |table, row, framed| {
            self.take(table, row, framed)
                .map_err(|reason| StoreError::damaged(path, reason))
        })
    }

    fn take(&mut self, table: Table, row: Row, framed: &[u8]) -> Result<(), String> {
        let frame = frame::of_table(table, framed);
        let frame = frame.ok_or_else(|| format!("{} {row} is damaged", table.name()))?;
        let unreadable = |error: postcard::Error| format!("{} {row}: {error}", table.name());
        match table {
            Table::Head => {}
            Table::Owners => {
                let name: Option<&str> = postcard::from_bytes(frame.payload).map_err(unreadable)?;
                self.names.learn_owner(row.owner, name.map(str::to_owned));
            }
            Table::Encodings => {
                let encoding: Encoding<'_> =
                    postcard::from_bytes(frame.payload).map_err(unreadable)?;
                if encoding.fingerprint == self.head.fingerprint {
                    let embedding = encoding.embedding();
                    let embedding =
                        embedding.ok_or_else(|| format!("encoding of {row} is none"))?;
                    self.encodings.insert(row, embedding);
                }
            }
            Table::Memories => {
                let stored: StoredMemory<'_> =
                    postcard::from_bytes(frame.payload).map_err(unreadable)?;
                self.take_memory(row, &stored)
                    .map_err(|error| format!("memory {row}: {error}"))?;
                if let Some(id) = stored.id {
                    self.names.learn_id(row.owner, id, row.memory());
                }
            }
            Table::Notes => {
                let note: Note<'_> = postcard::from_bytes(frame.payload).map_err(unreadable)?;
                if Row::of_note(note.number) != row {
                    return Err(format!("note {row} calls itself {}", note.number));
                }
                // An empty one was removed, which other processes have to hear of.
                if !note.bytes.is_empty() {
                    self.notes.insert(note.number, note.bytes.into());
                }
            }
            Table::Deletions => {
                let stored: StoredDeletion =
                    postcard::from_bytes(frame.payload).map_err(unreadable)?;
                self.bank.import_deletion(stored.deletion);
            }
        }
        Ok(())
    }

    fn take_memory(&mut self, row: Row, stored: &StoredMemory<'_>) -> Result<(), NotAMemory> {
        let encoding = self.encodings.get(&row);
        let embedding = stored.embedding(row, self.head.fingerprint, encoding)?;
        if stored.has_our_terms() {
            let slot = stored.view(&embedding, &mut self.hashes)?;
            self.bank.import_view(slot, stored.record.metadata);
        } else {
            self.bank.import(stored.slot()?.with_embedding(embedding));
        }
        for judgement in stored.judged(self.head.fingerprint)? {
            self.bank.import_judgement(judgement);
        }
        Ok(())
    }
}

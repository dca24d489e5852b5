//! Opening and making stores.

use super::Store;
use super::contents::Contents;
use super::error::StoreError;
use super::file::{File, Pages};
use super::frame;
use super::known::Known;
use super::names::owner_of_name;
use super::shared::Shared;
use super::storage::{Batch, Part, Rows, Storage};
use super::tables::{Head, THIS_FORMAT, Table};
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::BTreeSet;
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

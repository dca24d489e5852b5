//! Opening and making bank files.

use super::error::StoreError;
use super::names::Names;
use super::tables::{
    DELETIONS, EXTERNAL_IDS, FACTS, FINGERPRINT, FORMAT, MEMORIES, NEXT_COUNTER, ORIGIN, OWNERS,
    THIS_FORMAT, unpack,
};
use super::{File, Store};
use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::bank::{Deletion, OtherModel};
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Owner, Timestamp};
use rayon::prelude::*;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable,
    StorageError,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for another process that has the file open.
const PATIENCE: Duration = Duration::from_secs(1);

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
        if self.make_if_missing && !self.path.exists() {
            make(&self.path, fingerprint)?;
        }
        let path = &self.path;
        let (file, contents) = match patiently(|| open_checked(path)) {
            Ok(database) => {
                let contents = database
                    .begin_read()
                    .map_err(|error| StoreError::database(path, error))
                    .and_then(|reading| read(path, &reading))?;
                (File::Writable(database), contents)
            }
            Err(DatabaseError::Storage(StorageError::Io(error)))
                if is_write_refused(error.kind()) =>
            {
                let reading = patiently(|| Builder::new().open_read_only(path))
                    .map_err(|error| refuse(path, error))?
                    .begin_read()
                    .map_err(|error| StoreError::database(path, error))?;
                (File::ReadOnly, read(path, &reading)?)
            }
            Err(error) => return Err(refuse(path, error)),
        };
        Ok(Store {
            path: path.clone(),
            file,
            bank: contents.bank,
            names: contents.names,
        })
    }
}

fn open_checked(path: &Path) -> Result<Database, DatabaseError> {
    Builder::new().set_check_integrity_on_open(true).open(path)
}

fn is_write_refused(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Tries again while another process has the file open, up to [`PATIENCE`].
fn patiently<T>(open: impl Fn() -> Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    let start = Instant::now();
    loop {
        match open() {
            Err(DatabaseError::DatabaseAlreadyOpen) if start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

fn refuse(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            StoreError::InUse(path)
        }
        DatabaseError::Storage(StorageError::Io(error)) if error.kind() == ErrorKind::NotFound => {
            StoreError::Missing(path)
        }
        DatabaseError::Storage(StorageError::Io(error)) if is_write_refused(error.kind()) => {
            StoreError::ReadOnly(path)
        }
        DatabaseError::Storage(StorageError::Io(error))
            if matches!(
                error.kind(),
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof
            ) =>
        {
            let reason = error.to_string();
            StoreError::Damaged { path, reason }
        }
        DatabaseError::Storage(StorageError::Corrupted(reason)) => {
            StoreError::Damaged { path, reason }
        }
        DatabaseError::UpgradeRequired(_) | DatabaseError::RepairAborted => StoreError::Damaged {
            path,
            reason: error.to_string(),
        },
        error => StoreError::Database {
            path,
            error: Box::new(error.into()),
        },
    }
}

/// Makes an empty bank file. It is made under another name and then given its own, so that a crash
/// leaves no half of one.
fn make(path: &Path, fingerprint: Fingerprint) -> Result<(), StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    let made = fill(&new, path, fingerprint).and_then(|()| publish(&new, path));
    // The file has its own name by now, or is of no use.
    let removed = std::fs::remove_file(&new);
    match (made, removed) {
        (Ok(()), Err(error)) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::database(path, StorageError::Io(error)))
        }
        (made, _) => made,
    }
}

/// Gives a file its name without replacing another.
fn publish(new: &Path, path: &Path) -> Result<(), StoreError> {
    match std::fs::hard_link(new, path) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Ok(()) => Ok(()),
        // File systems without links.
        Err(_) => std::fs::rename(new, path)
            .map_err(|error| StoreError::database(path, StorageError::Io(error))),
    }
}

/// Makes the tables in the file `new`; errors name `path`, which the caller asked for.
fn fill(new: &Path, path: &Path, fingerprint: Fingerprint) -> Result<(), StoreError> {
    let database = Database::create(new).map_err(|error| refuse(path, error))?;
    let origin = random_origin()?;
    let fill = || -> Result<(), redb::Error> {
        let writing = database.begin_write()?;
        {
            let mut facts = writing.open_table(FACTS)?;
            facts.insert(FORMAT, THIS_FORMAT)?;
            facts.insert(FINGERPRINT, fingerprint.0)?;
            facts.insert(ORIGIN, u64::from(origin))?;
            facts.insert(NEXT_COUNTER, 0)?;
            writing.open_table(MEMORIES)?;
            writing.open_table(OWNERS)?;
            writing.open_table(EXTERNAL_IDS)?;
            writing.open_table(DELETIONS)?;
        }
        writing.commit()?;
        Ok(())
    };
    fill().map_err(|error| StoreError::database(path, error))
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

struct Contents {
    bank: Bank,
    names: Names,
}

fn read(path: &Path, reading: &ReadTransaction) -> Result<Contents, StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let facts = reading
        .open_table(FACTS)
        .map_err(|error| damaged(error.to_string()))?;
    let fact = |name: &str| match facts.get(name) {
        Ok(Some(number)) => Ok(number.value()),
        Ok(None) => Err(damaged(format!("no {name}"))),
        Err(error) => Err(StoreError::database(path, error)),
    };
    let format = fact(FORMAT)?;
    if format != THIS_FORMAT {
        let path = path.to_owned();
        return Err(StoreError::Format { path, format });
    }
    let number = |name: &str| {
        u32::try_from(fact(name)?).map_err(|error| damaged(format!("{name}: {error}")))
    };
    let mut bank = Bank::new();
    // A bank without memories takes any model.
    if bank.bind(Fingerprint(fact(FINGERPRINT)?)).is_err() {
        return Err(damaged("bound twice".to_owned()));
    }
    bank.set_origin(number(ORIGIN)?);
    for slot in read_memories(path, reading)? {
        bank.import(slot);
    }
    let read_rest = || -> Result<(Names, Vec<Deletion>), redb::Error> {
        Ok((read_names(reading)?, read_deletions(reading)?))
    };
    let (names, deletions) = read_rest().map_err(|error| StoreError::database(path, error))?;
    for deletion in deletions {
        bank.import_deletion(deletion);
    }
    bank.skip_to_counter(number(NEXT_COUNTER)?);
    Ok(Contents { bank, names })
}

fn read_memories(path: &Path, reading: &ReadTransaction) -> Result<Vec<OwnedSlot>, StoreError> {
    let collect = || -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
        let table = reading.open_table(MEMORIES)?;
        let mut records = Vec::new();
        for entry in table.iter()? {
            let (key, record) = entry?;
            records.push((key.value(), record.value().to_vec()));
        }
        Ok(records)
    };
    let records = collect().map_err(|error| StoreError::database(path, error))?;
    let slots = records.par_iter().map(|(packed, record)| {
        let key = unpack(*packed);
        let damaged = |reason: String| StoreError::Damaged {
            path: path.to_owned(),
            reason: format!("memory {key}: {reason}"),
        };
        let record = postcard::from_bytes(record).map_err(|error| damaged(error.to_string()))?;
        let slot = OwnedSlot::of_record(&record).map_err(|error| damaged(error.to_string()))?;
        match slot.facts.key == key {
            true => Ok(slot),
            false => Err(damaged(format!("calls itself {}", slot.facts.key))),
        }
    });
    slots.collect()
}

fn read_names(reading: &ReadTransaction) -> Result<Names, redb::Error> {
    let mut names = Names::default();
    for entry in reading.open_table(OWNERS)?.iter()? {
        let (owner, name) = entry?;
        names.learn_owner(Owner(owner.value()), name.value().to_owned());
    }
    for entry in reading.open_table(EXTERNAL_IDS)?.iter()? {
        let (place, key) = entry?;
        let (owner, id) = place.value();
        names.learn_id(Owner(owner), id.to_owned(), unpack(key.value()));
    }
    Ok(names)
}

fn read_deletions(reading: &ReadTransaction) -> Result<Vec<Deletion>, redb::Error> {
    let mut deletions = Vec::new();
    for entry in reading.open_table(DELETIONS)?.iter()? {
        let (key, time) = entry?;
        // Written from 32 bits.
        let time = Timestamp(time.value() as u32);
        let key = unpack(key.value());
        deletions.push(Deletion { key, time });
    }
    Ok(deletions)
}

impl StoreError {
    pub(super) fn database(path: &Path, error: impl Into<redb::Error>) -> Self {
        let path = path.to_owned();
        match error.into() {
            redb::Error::Corrupted(reason) => Self::Damaged { path, reason },
            redb::Error::Io(error) if is_write_refused(error.kind()) => Self::ReadOnly(path),
            error => Self::Database {
                path,
                error: Box::new(error),
            },
        }
    }
}

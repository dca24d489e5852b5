//! Rows in one redb file.

use super::error::StoreError;
use super::group::Group;
use super::storage::{Batch, Frozen, Part, Rows, Storage, TakeRow, Version, Versions};
use super::tables::{Row, Table};
use memt_core::slot::Owner;
use redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase,
    ReadableTable, ReadableTableMetadata, StorageError, TableDefinition,
};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long to wait for another process that has the file open.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of pages that redb keeps: memories are answered from memory of their own.
const CACHE_BYTES: usize = 16 << 20;

const fn definition(table: Table) -> TableDefinition<'static, (u64, u64), &'static [u8]> {
    TableDefinition::new(table.name())
}

/// A bank file.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    database: Handle,
    group: Group,
}

/// The database, as far as the file lets itself be opened.
enum Handle {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
}

impl core::fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Writable(_) => "Writable",
            Self::ReadOnly(_) => "ReadOnly",
        })
    }
}

impl File {
    /// Opens a file. One that cannot be written is opened for reading.
    pub(super) fn open(path: &Path, pages: Pages) -> Result<Self, StoreError> {
        if pages == Pages::Checked {
            read_ahead(path);
        }
        let builder = || {
            let mut builder = builder();
            builder.set_check_integrity_on_open(pages == Pages::Checked);
            builder
        };
        let database = match patiently(|| builder().open(path)) {
            Ok(database) => Handle::Writable(database),
            Err(DatabaseError::Storage(StorageError::Io(error)))
                if is_write_refused(error.kind()) =>
            {
                let opened = patiently(|| builder().open_read_only(path));
                Handle::ReadOnly(opened.map_err(|error| refuse(path, error))?)
            }
            Err(error) => return Err(refuse(path, error)),
        };
        Ok(Self {
            path: path.to_owned(),
            database,
            group: Group::default(),
        })
    }

    /// Makes a file with these rows. It is made under another name and then given its own, so that a
    /// crash leaves no half of one; a file that is there stays, and is said to be there.
    pub(super) fn make(
        path: &Path,
        fill: impl FnOnce(&Self) -> Result<(), StoreError>,
    ) -> Result<Made, StoreError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let new = PathBuf::from(name);
        let made = Self::make_as(&new, path, fill).and_then(|()| publish(&new, path));
        // The file has its own name by now, or is of no use.
        let removed = std::fs::remove_file(&new);
        match (made, removed) {
            (Ok(_), Err(error)) if error.kind() != ErrorKind::NotFound => {
                Err(StoreError::database(path, StorageError::Io(error)))
            }
            (made, _) => made,
        }
    }

    /// Makes the tables in the file `new`; errors name `path`, which the caller asked for.
    fn make_as(
        new: &Path,
        path: &Path,
        fill: impl FnOnce(&Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let database = builder().create(new).map_err(|error| refuse(path, error))?;
        let make_tables = || -> Result<(), redb::Error> {
            let writing = database.begin_write()?;
            for table in Table::ALL {
                writing.open_table(definition(table))?;
            }
            writing.commit()?;
            Ok(())
        };
        make_tables().map_err(|error| StoreError::database(path, error))?;
        fill(&Self {
            path: path.to_owned(),
            database: Handle::Writable(database),
            group: Group::default(),
        })
    }
}

/// Whether every page of a file is read and checked when it is opened. A row is checked in any case
/// when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pages {
    Checked,
    Believed,
}

/// Whether a file was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    New,
    WasThere,
}

impl Storage for File {
    fn is_read_only(&self) -> bool {
        matches!(self.database, Handle::ReadOnly(_))
    }

    fn has_failed(&self) -> bool {
        self.group.has_failed()
    }

    fn rows(&self) -> Result<Box<dyn Rows>, StoreError> {
        let reading = match &self.database {
            Handle::Writable(database) => database.begin_read(),
            Handle::ReadOnly(database) => database.begin_read(),
        };
        let reading = reading.map_err(|error| StoreError::database(&self.path, error))?;
        Ok(Box::new(FileRows {
            path: self.path.clone(),
            reading,
        }))
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
        Ok(Box::new(self))
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let Handle::Writable(database) = &self.database else {
            return Err(StoreError::ReadOnly(self.path.clone()));
        };
        let failed = || StoreError::Failed(self.path.clone());
        self.group.commit(batch, failed, |batches, head| {
            let mut last = Batch::new(head.map_or(0, |head| head.revision));
            if let Some(head) = head {
                last.put(Table::Head, Row::HEAD, &head)?;
            }
            commit(database, batches.iter().chain([&last]))
                .map_err(|error| StoreError::database(&self.path, error))
        })
    }
}

/// One process alone writes a file, and sees to itself.
impl Frozen for &File {
    fn change_model(self: Box<Self>, batch: Batch) -> Result<(), StoreError> {
        self.commit(batch)
    }
}

/// Makes all batches durable at once.
fn commit<'b>(
    database: &Database,
    batches: impl Iterator<Item = &'b Batch> + Clone,
) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    for table in Table::ALL {
        let changes = batches.clone().flat_map(Batch::changes);
        let mut opened = None;
        for (_, row, framed) in changes.filter(|change| change.0 == table) {
            let rows = match &mut opened {
                Some(rows) => rows,
                None => opened.insert(writing.open_table(definition(table))?),
            };
            let row = (row.owner.0, row.key);
            match framed {
                Some(framed) => drop(rows.insert(row, framed)?),
                None => drop(rows.remove(row)?),
            }
        }
    }
    writing.commit()?;
    Ok(())
}

struct FileRows {
    path: PathBuf,
    reading: ReadTransaction,
}

impl Rows for FileRows {
    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let count = || -> Result<u64, redb::Error> {
            Ok(self.reading.open_table(definition(table))?.len()?)
        };
        count().map_err(|error| StoreError::database(&self.path, error))
    }

    fn read(&self, table: Table, part: Part<'_>, take: &mut TakeRow<'_>) -> Result<(), StoreError> {
        let named = |error: redb::Error| StoreError::database(&self.path, error);
        let rows = self.reading.open_table(definition(table));
        let rows = rows.map_err(|error| named(error.into()))?;
        let of_owner = |owner: Owner| rows.range((owner.0, 0)..=(owner.0, u64::MAX));
        let ranges = match part {
            Part::All => vec![rows.iter()],
            Part::Of(owner) => vec![of_owner(owner)],
            // A file keeps no count of changes.
            Part::Since(owners) => owners.iter().map(|since| of_owner(since.0)).collect(),
        };
        for range in ranges {
            for row in range.map_err(|error| named(error.into()))? {
                let (row, framed) = row.map_err(|error| named(error.into()))?;
                let (owner, key) = row.value();
                let owner = Owner(owner);
                take(table, Row { owner, key }, framed.value())?;
            }
        }
        Ok(())
    }

    fn version(&self, _: Owner) -> Result<Option<Version>, StoreError> {
        Ok(None)
    }

    fn versions(&self, _: u64) -> Result<Option<Versions>, StoreError> {
        Ok(None)
    }
}

/// Lets the system fetch all of a file, which is read in the order of its trees and would else come from its disk
/// page by page. Where the system does not take the advice, it comes so.
#[cfg(target_os = "linux")]
fn read_ahead(path: &Path) {
    use rustix::fs::{Advice, fadvise};
    if let Ok(file) = std::fs::File::open(path) {
        let _ = fadvise(&file, 0, None, Advice::WillNeed);
    }
}

#[cfg(not(target_os = "linux"))]
fn read_ahead(_: &Path) {}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

pub(super) fn is_write_refused(kind: ErrorKind) -> bool {
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
        DatabaseError::Storage(StorageError::Io(error))
            if matches!(
                error.kind(),
                ErrorKind::InvalidData | ErrorKind::UnexpectedEof
            ) =>
        {
            let reason = error.to_string();
            StoreError::Damaged { path, reason }
        }
        DatabaseError::UpgradeRequired(_) | DatabaseError::RepairAborted => StoreError::Damaged {
            path,
            reason: error.to_string(),
        },
        error => StoreError::database(&path, error),
    }
}

/// Gives a file its name without replacing another.
fn publish(new: &Path, path: &Path) -> Result<Made, StoreError> {
    match std::fs::hard_link(new, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Made::WasThere),
        Ok(()) => Ok(Made::New),
        // File systems without links.
        Err(_) => std::fs::rename(new, path)
            .map(|()| Made::New)
            .map_err(|error| StoreError::database(path, StorageError::Io(error))),
    }
}

impl StoreError {
    pub(super) fn database(path: &Path, error: impl Into<redb::Error>) -> Self {
        let path = path.to_owned();
        match error.into() {
            redb::Error::Corrupted(reason) => Self::Damaged { path, reason },
            redb::Error::Io(error) if is_write_refused(error.kind()) => Self::ReadOnly(path),
            redb::Error::Io(error)
                if matches!(
                    error.kind(),
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
                ) =>
            {
                Self::Full { path, error }
            }
            error => Self::Database {
                path,
                error: Box::new(error),
            },
        }
    }
}

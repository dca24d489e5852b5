//! A copy of a store while it is in use.

use super::Store;
use super::error::StoreError;
use super::file::{File, Made};
use super::storage::{Batch, Part, Rows, Storage};
use super::tables::Table;
use std::path::Path;

/// Bytes of rows that are copied in one transaction.
const BATCH_BYTES: usize = 16 << 20;

/// A store as it was at one moment. It can be sent to another thread and written there, while the
/// store goes on changing.
pub struct Backup {
    rows: Box<dyn Rows>,
}

impl core::fmt::Debug for Backup {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Backup")
    }
}

impl Store {
    /// Holds on to the store as it is now.
    pub fn begin_backup(&self) -> Result<Backup, StoreError> {
        Backup::of(self.shared.storage())
    }
}

impl Backup {
    pub(super) fn of(storage: &dyn Storage) -> Result<Self, StoreError> {
        let rows = storage.rows()?;
        Ok(Self { rows })
    }

    /// Rows to copy.
    pub fn rows(&self) -> Result<u64, StoreError> {
        let counts = Table::ALL.map(|table| self.rows.count(table));
        counts.into_iter().sum()
    }

    /// Writes a bank file, whole or not at all; one that is there is not replaced. `progress` hears of
    /// rows copied.
    pub fn write_to(&self, path: &Path, mut progress: impl FnMut(u64)) -> Result<(), StoreError> {
        let made = File::make(path, |file| self.copy(file, &mut progress))?;
        match made {
            Made::New => Ok(()),
            Made::WasThere => Err(StoreError::Exists(path.to_owned())),
        }
    }

    fn copy(&self, file: &File, progress: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        // Frames are copied as they are, with their revisions.
        let mut batch = Batch::new(0);
        let mut copied = 0;
        for table in Table::ALL {
            self.rows
                .read(table, Part::All, &mut |table, row, framed| {
                    batch.copy(table, row, framed);
                    copied += 1;
                    if batch.bytes() >= BATCH_BYTES {
                        file.commit(std::mem::replace(&mut batch, Batch::new(0)))?;
                        progress(copied);
                    }
                    Ok(())
                })?;
        }
        file.commit(batch)?;
        progress(copied);
        Ok(())
    }
}

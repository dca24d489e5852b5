//! Where changes are made durable.
//!
//! A [`Store`](super::Store) reads all rows at its start and answers from memory; it knows a storage by
//! these two traits alone. `file` keeps the rows in one redb file. A database server can keep them just
//! as well: five tables of number and bytes, one transaction a batch.

use super::error::StoreError;
use super::frame;
use super::tables::Table;
use core::ops::Range;

/// Takes a row: its table, key and frame.
pub type TakeRow<'t> = dyn FnMut(Table, u64, &[u8]) -> Result<(), StoreError> + 't;

/// Rows as they were at one moment, whatever is written later.
pub trait Rows: Send {
    /// How many rows a table has.
    fn count(&self, table: Table) -> Result<u64, StoreError>;

    /// Gives every row of a table, by ascending key.
    fn read(&self, table: Table, take: &mut TakeRow<'_>) -> Result<(), StoreError>;
}

/// Keeps rows.
pub trait Storage: core::fmt::Debug + Send + Sync {
    /// Whether changes are refused.
    fn is_read_only(&self) -> bool;

    /// The rows as they are now.
    fn rows(&self) -> Result<Box<dyn Rows>, StoreError>;

    /// Makes every change of a batch durable, or none.
    ///
    /// One caller at a time: the [`Store`](super::Store) sees to that.
    fn commit(&self, batch: &Batch) -> Result<(), StoreError>;
}

/// Changes of rows, to be made all at once.
#[derive(Clone, Debug)]
pub struct Batch {
    revision: u64,
    bytes: Vec<u8>,
    changes: Vec<(Table, u64, Option<Range<usize>>)>,
}

impl Batch {
    /// No changes yet; `revision` is their number among all batches.
    pub(super) fn new(revision: u64) -> Self {
        Self {
            revision,
            bytes: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Sets a row to what `write` appends.
    pub(super) fn put(
        &mut self,
        table: Table,
        key: u64,
        payload: &impl serde::Serialize,
    ) -> Result<(), postcard::Error> {
        let start = self.bytes.len();
        let mut sink = std::mem::take(&mut self.bytes);
        let written = frame::append(&mut sink, table, self.revision, |bytes| {
            let so_far = std::mem::take(bytes);
            *bytes = postcard::to_extend(payload, so_far)?;
            Ok(())
        });
        self.bytes = sink;
        self.changes
            .push((table, key, Some(start..self.bytes.len())));
        written
    }

    /// Takes a frame as it is.
    pub(super) fn copy(&mut self, table: Table, key: u64, framed: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(framed);
        self.changes
            .push((table, key, Some(start..self.bytes.len())));
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, table: Table, key: u64) {
        self.changes.push((table, key, None));
    }

    /// The changes in their order: a frame to be set, or `None` for a row to be removed.
    pub fn changes(&self) -> impl Iterator<Item = (Table, u64, Option<&[u8]>)> {
        self.changes.iter().map(|(table, key, range)| {
            let framed = range.clone().map(|range| &self.bytes[range]);
            (*table, *key, framed)
        })
    }

    /// Bytes of all frames.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are no changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

//! Where changes are made durable.
//!
//! A [`Store`](super::Store) reads rows at its start and answers from memory; it knows a storage by
//! these two traits alone. `file` keeps the rows in one redb file, which one process has to itself;
//! `postgres` keeps them in a database that many processes write.

use super::error::StoreError;
use super::frame;
use super::tables::{Head, Row, Table};
use core::ops::Range;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::BTreeMap;

/// Takes a row and its frame.
pub type TakeRow<'t> = dyn FnMut(Table, Row, &[u8]) -> Result<(), StoreError> + 't;

/// Which rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'p> {
    /// Every row.
    All,
    /// The rows of an owner.
    Of(Owner),
    /// The rows of owners that were set after so many changes of each.
    Since(&'p [(Owner, u64)]),
}

/// How far an owner's rows have come, where several processes write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The model of all embeddings.
    pub model: Fingerprint,
    /// Batches that changed this owner so far.
    pub changes: u64,
}

/// How far the rows of all owners have come, where several processes write them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The model of all embeddings.
    pub model: Fingerprint,
    /// Owners that may have changed since a mark, with the batches that changed each so far.
    pub changes: Vec<(Owner, u64)>,
    /// The mark to ask from next time: whatever is not counted here comes after it.
    pub mark: u64,
}

/// Rows as they were at one moment, whatever is written later.
pub trait Rows: Send {
    /// How many rows a table has.
    fn count(&self, table: Table) -> Result<u64, StoreError>;

    /// Gives rows of a table, ascending by owner and key.
    fn read(&self, table: Table, part: Part<'_>, take: &mut TakeRow<'_>) -> Result<(), StoreError>;

    /// How far these rows of an owner have come; `None` where one process alone writes.
    fn version(&self, owner: Owner) -> Result<Option<Version>, StoreError>;

    /// How far these rows have come since a mark; 0 lies before everything. `None` where one process alone
    /// writes.
    fn versions(&self, since: u64) -> Result<Option<Versions>, StoreError>;
}

/// Keeps rows.
pub trait Storage: core::fmt::Debug + Send + Sync {
    /// Whether changes are refused.
    fn is_read_only(&self) -> bool;

    /// Whether a change has failed in such a way that nothing more can be changed until the store is
    /// opened anew.
    fn has_failed(&self) -> bool {
        false
    }

    /// The rows as they are now.
    fn rows(&self) -> Result<Box<dyn Rows>, StoreError>;

    /// How far the rows of an owner have come; `None` where one process alone writes.
    fn version(&self, owner: Owner) -> Result<Option<Version>, StoreError>;

    /// How far the rows of all owners have come since a mark; `None` where one process alone writes.
    fn versions(&self, since: u64) -> Result<Option<Versions>, StoreError>;

    /// An origin for the keys of this process that no other has or had; `None` where one process alone
    /// writes, whose origin is in the head.
    fn lease_origin(&self) -> Result<Option<u32>, StoreError>;

    /// Makes every change of a batch durable, or none. Fails with [`StoreError::Overtaken`] if the batch
    /// has a base and another process has changed an owner of it since.
    fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Keeps other processes from changing memories as long as what is returned is held.
    fn freeze(&self) -> Result<Box<dyn Frozen + '_>, StoreError>;
}

/// A storage in which nobody else changes memories.
pub trait Frozen {
    /// Makes the model of the batch's head the store's, and lets others go on.
    fn change_model(self: Box<Self>, batch: Batch) -> Result<(), StoreError>;
}

/// What a batch was made on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The model of all embeddings.
    pub model: Fingerprint,
    /// The owners that the batch changes, with the batches that had changed each: it holds only if there
    /// are no more. `None` where it holds all the same.
    pub owners: BTreeMap<Owner, Option<u64>>,
}

/// Changes of rows, to be made all at once.
#[derive(Clone, Debug)]
pub struct Batch {
    revision: u64,
    bytes: Vec<u8>,
    changes: Vec<(Table, Row, Option<Range<usize>>)>,
    pub(super) head: Option<Head>,
    pub(super) base: Option<Base>,
}

impl Batch {
    /// No changes yet; `revision` is their number among all batches.
    pub(super) fn new(revision: u64) -> Self {
        Self {
            revision,
            bytes: Vec::new(),
            changes: Vec::new(),
            head: None,
            base: None,
        }
    }

    /// Sets a row.
    pub(super) fn put(
        &mut self,
        table: Table,
        row: Row,
        payload: &impl serde::Serialize,
    ) -> Result<(), StoreError> {
        let start = self.bytes.len();
        let mut sink = std::mem::take(&mut self.bytes);
        let written = frame::append(&mut sink, table, self.revision, |bytes| {
            let so_far = std::mem::take(bytes);
            *bytes = postcard::to_extend(payload, so_far)?;
            Ok(())
        });
        self.bytes = sink;
        self.changes
            .push((table, row, Some(start..self.bytes.len())));
        written.map_err(StoreError::Encoding)
    }

    /// Takes a frame as it is.
    pub(super) fn copy(&mut self, table: Table, row: Row, framed: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(framed);
        self.changes
            .push((table, row, Some(start..self.bytes.len())));
    }

    /// Removes a row.
    pub(super) fn remove(&mut self, table: Table, row: Row) {
        self.changes.push((table, row, None));
    }

    /// The changes in their order: a frame to be set, or `None` for a row to be removed.
    pub fn changes(&self) -> impl Iterator<Item = (Table, Row, Option<&[u8]>)> {
        self.changes.iter().map(|(table, row, range)| {
            let framed = range.clone().map(|range| &self.bytes[range]);
            (*table, *row, framed)
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

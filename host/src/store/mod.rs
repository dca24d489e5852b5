//! The durable store: a growable bank whose every acknowledged change is in a file.
//!
//! The file is a redb database ([`Table`] says what lies where). Opening reads all of it into a
//! [`Bank`] and checks every page and row; a change is one transaction, synced to disk before it is
//! acknowledged, so that a crash at any moment leaves the file before or after it. When the disk is full,
//! the change is refused and the file stays as it was. What has been damaged from outside is noticed,
//! and [`repair`] saves what is good.
//!
//! A program that serves many owners opens [`Stores`] instead: the memories of an owner are read when
//! they are first asked for, and owners that were not asked for lately leave memory again. Threads
//! question and change different owners at the same time.

mod backup;
mod check;
mod contents;
mod error;
mod file;
mod frame;
mod group;
mod ids;
mod known;
mod names;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
mod reencode;
mod refresh;
mod relay;
mod repair;
mod shared;
mod snapshot;
mod storage;
mod stores;
mod tables;
mod together;
mod turns;
mod upkeep;
mod write;

pub use backup::Backup;
pub use check::{Health, check};
pub use refresh::News;
pub use repair::{Repair, repair};
pub use storage::{Base, Batch, Frozen, Part, Rows, Storage, TakeRow, Version, Versions};
pub use stores::Stores;
pub use tables::{Row, Table};
pub(crate) use turns::{step_back, take_turns};

pub use error::StoreError;
pub use names::{NameTaken, NewName, owner_of_name};
pub use open::Opening;
#[cfg(feature = "postgres")]
pub use postgres::Server;
pub use reencode::Reencoded;
pub use snapshot::{ImportReport, export};
pub use together::{Change, Durable};
pub use upkeep::{Compaction, Fitted};
pub use write::{Added, NewEntry};

use crate::bank::{ApproximateError, Bank};
use known::Known;
use memt_core::slot::{Key, Owner};
use names::Names;
use shared::Shared;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// An open bank file, or one owner's part of a store.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Whose memories alone are here; `None` where all are.
    scope: Option<Owner>,
    bank: Bank,
    names: Names,
    /// What a service keeps besides, by number; none in one owner's part.
    notes: BTreeMap<u64, Box<[u8]>>,
    /// Memories that have changed and are to be stored with the next change.
    dirty: BTreeSet<Key>,
    /// How far these rows had come when they were read or changed last, where other processes change
    /// them too.
    known: Option<Known>,
}

impl Store {
    /// The memories.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }

    /// Answers questions to owners of at least `from` memories approximately from now on; see
    /// [`Bank::approximate`].
    pub fn approximate(
        &mut self,
        from: usize,
        progress: impl FnMut(usize),
    ) -> Result<(), ApproximateError> {
        self.bank.approximate(from, progress)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        self.shared.path()
    }

    /// Whose memories alone are here, if not all are.
    pub fn scope(&self) -> Option<Owner> {
        self.scope
    }

    /// Whether changes are refused because the file or its folder cannot be written.
    pub fn is_read_only(&self) -> bool {
        self.shared.storage().is_read_only()
    }

    /// Whether a change has failed, so that nothing can be changed until the store is opened anew.
    pub fn has_failed(&self) -> bool {
        self.shared.storage().has_failed()
    }

    /// The owner of this name, if it has or had memories here. A decimal number below 2^32 names
    /// itself.
    pub fn owner(&self, name: &str) -> Result<Owner, NameTaken> {
        self.names.owner(name).map(|found| found.owner)
    }

    /// The name of an owner; one that came without a name is called by its number.
    pub fn owner_name(&self, owner: Owner) -> String {
        self.names.owner_name(owner)
    }

    /// The memory with this external id.
    pub fn key_of(&self, owner: Owner, id: &str) -> Option<Key> {
        self.names.key(owner, id)
    }

    /// What a service keeps besides memories: bytes by number.
    pub fn notes(&self) -> &BTreeMap<u64, Box<[u8]>> {
        &self.notes
    }

    /// The external id of a memory.
    pub fn external_id(&self, key: Key) -> Option<&str> {
        self.names.external_id(key)
    }
}

#[cfg(test)]
mod tests;

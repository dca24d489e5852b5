//! What all open parts of one store have in common: where rows are kept, and the numbers of keys and
//! changes.

use super::error::StoreError;
use super::storage::{Batch, Storage};
use super::tables::Head;
use memt_core::bank::{AddError, OtherModel};
use memt_core::encoder::Fingerprint;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// A store of which nothing is in memory yet.
#[derive(Debug)]
pub(super) struct Shared {
    path: PathBuf,
    storage: Box<dyn Storage>,
    /// As it was read, or as the last change of models left it.
    head: RwLock<Head>,
    next_counter: AtomicU32,
    revision: AtomicU64,
}

impl Shared {
    /// A storage that holds a store with this head. `path` is what messages call it.
    pub(super) fn new(
        path: &Path,
        storage: Box<dyn Storage>,
        mut head: Head,
    ) -> Result<Self, StoreError> {
        if let Some(origin) = storage.lease_origin()? {
            head.origin = origin;
            head.next_counter = 0;
        }
        Ok(Self {
            path: path.to_owned(),
            storage,
            next_counter: AtomicU32::new(head.next_counter),
            revision: AtomicU64::new(head.revision),
            head: RwLock::new(head),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn storage(&self) -> &dyn Storage {
        self.storage.as_ref()
    }

    /// Refuses another model than that of the store.
    pub(super) fn must_be_of(&self, fingerprint: Fingerprint) -> Result<(), StoreError> {
        let bank = Fingerprint(self.head().fingerprint);
        match bank == fingerprint {
            true => Ok(()),
            false => Err(self.other_model(bank, fingerprint.0)),
        }
    }

    /// The error that says so.
    pub(super) fn other_model(&self, bank: Fingerprint, offered: u64) -> StoreError {
        StoreError::OtherModel {
            path: self.path.clone(),
            error: OtherModel {
                bank,
                offered: Fingerprint(offered),
            },
        }
    }

    /// What is true of the store after all that has happened so far.
    pub(super) fn head(&self) -> Head {
        Head {
            next_counter: self.next_counter.load(Ordering::SeqCst),
            revision: self.revision.load(Ordering::SeqCst),
            ..*self.head.read().unwrap_or_else(PoisonError::into_inner)
        }
    }

    /// Notes that the store is of another model now.
    pub(super) fn set_model(&self, fingerprint: Fingerprint) {
        let mut head = self.head.write().unwrap_or_else(PoisonError::into_inner);
        head.fingerprint = fingerprint.0;
    }

    /// Counters for so many new keys, which nobody else gets; returns the first.
    pub(super) fn reserve_keys(&self, count: usize) -> Result<u32, AddError> {
        let count = u32::try_from(count).map_err(|_| AddError::KeysExhausted)?;
        self.next_counter
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |next| {
                next.checked_add(count)
            })
            .map_err(|_| AddError::KeysExhausted)
    }

    /// Skips counters that were given before.
    pub(super) fn skip_to_counter(&self, counter: u32) {
        self.next_counter.fetch_max(counter, Ordering::SeqCst);
    }

    /// A batch without changes, with a number of its own.
    pub(super) fn batch(&self) -> Batch {
        Batch::new(1 + self.revision.fetch_add(1, Ordering::SeqCst))
    }

    /// Makes a batch durable, and the head beside it.
    pub(super) fn commit(&self, mut batch: Batch, head: Head) -> Result<(), StoreError> {
        batch.head = Some(head);
        self.storage.commit(batch)
    }
}

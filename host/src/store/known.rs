//! How far rows had come when a store read or changed them last, where other processes change them too.

use super::storage::{Base, Batch, Version, Versions};
use super::tables::{NOBODY, Table};
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Batches that had changed each owner, and the model.
#[derive(Debug)]
pub(super) struct Known {
    model: Fingerprint,
    changes: HashMap<Owner, u64>,
    /// Everything before this is counted.
    mark: AtomicU64,
}

impl Known {
    /// One owner's.
    pub(super) fn of_owner(owner: Owner, version: Version) -> Self {
        Self {
            model: version.model,
            changes: HashMap::from([(owner, version.changes)]),
            mark: AtomicU64::new(0),
        }
    }

    /// All owners'.
    pub(super) fn of_all(versions: Versions) -> Self {
        Self {
            model: versions.model,
            changes: versions.changes.into_iter().collect(),
            mark: AtomicU64::new(versions.mark),
        }
    }

    pub(super) fn model(&self) -> Fingerprint {
        self.model
    }

    pub(super) fn mark(&self) -> u64 {
        self.mark.load(Ordering::Relaxed)
    }

    /// Batches that have changed an owner, as far as is known.
    pub(super) fn changes(&self, owner: Owner) -> u64 {
        self.changes.get(&owner).copied().unwrap_or(0)
    }

    /// What is not known of versions: owners that have changed further, with what is known of each.
    pub(super) fn behind(&self, versions: &Versions) -> Vec<(Owner, u64)> {
        let known = versions.changes.iter().map(|&(owner, changes)| {
            let known = self.changes(owner);
            (changes > known).then_some((owner, known))
        });
        known.flatten().collect()
    }

    /// Whether nothing has happened that is not known; if so, nobody need ask for it again.
    pub(super) fn covers(&self, versions: &Versions) -> bool {
        let covers = versions.model == self.model && self.behind(versions).is_empty();
        if covers {
            self.mark.fetch_max(versions.mark, Ordering::Relaxed);
        }
        covers
    }

    /// Notes that what was not known is known now.
    pub(super) fn catch_up(&mut self, versions: Versions) {
        self.mark.fetch_max(versions.mark, Ordering::Relaxed);
        self.changes.extend(versions.changes);
    }

    /// What a batch is made on: of the scope alone if there is one.
    pub(super) fn base(&self, batch: &Batch, scope: Option<Owner>) -> Base {
        let touched = batch.changes().filter(|change| change.0 != Table::Head);
        let touched = touched.map(|(_, row, _)| row.owner);
        let owners = match scope {
            Some(owner) => vec![owner],
            None => touched.collect(),
        };
        let known = owners.into_iter().map(|owner| {
            // Nothing depends on the deletions of unknown memories.
            let known = (owner != NOBODY).then(|| self.changes(owner));
            (owner, known)
        });
        Base {
            model: self.model,
            owners: known.collect(),
        }
    }

    /// Notes that a batch with this base was made durable.
    pub(super) fn count(&mut self, base: &Base) {
        for (&owner, known) in &base.owners {
            if let Some(known) = known {
                self.changes.insert(owner, known + 1);
            }
        }
    }
}

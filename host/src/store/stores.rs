//! Many owners in one store, of whom only those that are asked for are in memory.

use super::backup::Backup;
use super::error::StoreError;
use super::file::Pages;
use super::names::owner_of_name;
use super::open::Opening;
use super::reencode::{Reencoded, Reencoding};
use super::shared::Shared;
use super::storage::Part;
use super::tables::Table;
use super::turns::take_turns;
use super::{Store, frame};
use crate::model::TextEncoder;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Memories that an owner counts as besides those that it has.
const OWNER_WEIGHT: usize = 16;

/// An owner's part of the store, once it has been read.
type Cell = Arc<RwLock<Option<Store>>>;

/// A store of many owners. Threads ask and change different owners at the same time, and ask the same
/// owner at the same time. What is asked sees every change that was acknowledged before, by whichever
/// thread or process.
#[derive(Debug)]
pub struct Stores {
    shared: Arc<Shared>,
    /// Memories that may be in memory before owners leave it.
    most: usize,
    resident: Mutex<Resident>,
    /// Held by everything, and alone by a change of models.
    in_use: RwLock<()>,
}

#[derive(Debug, Default)]
struct Resident {
    owners: HashMap<Owner, Entry>,
    weight: usize,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    cell: Cell,
    weight: usize,
    /// The number of its last use.
    used: u64,
}

impl Opening {
    /// Opens the file for many owners, none of whom is read yet. Owners that were not asked for lately
    /// leave memory when it holds more than `most` memories. Rows are checked when they are read;
    /// `memt fsck` checks all.
    pub fn open_owners(&self, fingerprint: Fingerprint, most: usize) -> Result<Stores, StoreError> {
        let shared = self.shared_of(fingerprint, Pages::Believed)?;
        Ok(Stores::over(shared, most))
    }
}

impl Stores {
    pub(super) fn over(shared: Arc<Shared>, most: usize) -> Self {
        Self {
            shared,
            most,
            resident: Mutex::default(),
            in_use: RwLock::default(),
        }
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        self.shared.path()
    }

    /// The model of all embeddings.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.shared.head().fingerprint)
    }

    /// Whether changes are refused.
    pub fn is_read_only(&self) -> bool {
        self.shared.storage().is_read_only()
    }

    /// The owners that have or had memories, ascending, with their names where they are known.
    pub fn owners(&self) -> Result<Vec<(Owner, Option<String>)>, StoreError> {
        let mut owners = Vec::new();
        let rows = self.shared.storage().rows()?;
        rows.read(Table::Owners, Part::All, &mut |table, row, framed| {
            let name = frame::of_table(table, framed)
                .and_then(|frame| postcard::from_bytes::<Option<&str>>(frame.payload).ok());
            let damaged = || format!("owner {} is damaged", row.owner.0);
            let name = name.ok_or_else(|| StoreError::damaged(self.path(), damaged()))?;
            owners.push((row.owner, name.map(str::to_owned)));
            Ok(())
        })?;
        Ok(owners)
    }

    /// Memories that are in memory, and whose.
    pub fn resident(&self) -> (usize, usize) {
        let resident = self.lock();
        let owners = resident.owners.len();
        (resident.weight - OWNER_WEIGHT * owners, owners)
    }

    /// Holds on to the store as it is now.
    pub fn begin_backup(&self) -> Result<Backup, StoreError> {
        Backup::of(self.shared.storage())
    }

    /// Asks an owner's memories, of which [`Store`] has no others' then.
    pub fn read<T>(&self, owner: &str, ask: impl FnOnce(&Store) -> T) -> Result<T, StoreError> {
        let _in_use = self.in_use.read().unwrap_or_else(PoisonError::into_inner);
        let number = owner_of_name(owner);
        let cell = self.cell(number);
        if let Some(guard) = current(&cell)? {
            return answer(&guard, owner, ask);
        }
        let guard = RwLockWriteGuard::downgrade(self.bring_up_to_date(&cell, number)?);
        self.weigh(number, &guard);
        answer(&guard, owner, ask)
    }

    /// Changes an owner's memories, of which [`Store`] has no others' then. Where other processes change
    /// the same owner, `change` may be called again with what they have made of it.
    pub fn change<T>(
        &self,
        owner: &str,
        mut change: impl FnMut(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.change_owner(owner_of_name(owner), |store| {
            store.owner(owner)?;
            change(store)
        })
    }

    fn change_owner<T>(
        &self,
        owner: Owner,
        mut change: impl FnMut(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _in_use = self.in_use.read().unwrap_or_else(PoisonError::into_inner);
        let cell = self.cell(owner);
        take_turns(|| {
            let mut guard = self.bring_up_to_date(&cell, owner)?;
            let changed = match guard.as_mut() {
                Some(store) => change(store),
                None => Err(StoreError::Overtaken),
            };
            self.weigh(owner, &guard);
            changed
        })
    }

    /// Changes to another model while the store is in use; goes on with what an interrupted change has
    /// done. `switch` is called at the moment from which on all answers are by the new model, while no
    /// answer is being given.
    pub fn reencode(
        &self,
        encoder: &TextEncoder<'_>,
        mut progress: impl FnMut(Reencoded),
        switch: impl FnOnce(),
    ) -> Result<(), StoreError> {
        let reencoding = Reencoding::of(Arc::clone(&self.shared), encoder);
        let of_owner = |owner, unless| self.change_owner(owner, |store| store.settle(unless));
        reencoding.settle(&mut progress, of_owner)?;
        reencoding.encode(&mut progress)?;
        let alone = self.in_use.write().unwrap_or_else(PoisonError::into_inner);
        // What was added in the meantime.
        reencoding.encode_and_switch(&mut progress)?;
        *self.lock() = Resident::default();
        switch();
        drop(alone);
        reencoding.settle(&mut progress, of_owner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Resident> {
        self.resident.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cell(&self, owner: Owner) -> Cell {
        let mut resident = self.lock();
        resident.uses += 1;
        let used = resident.uses;
        if let Some(entry) = resident.owners.get_mut(&owner) {
            entry.used = used;
            return Arc::clone(&entry.cell);
        }
        let cell = Cell::default();
        let entry = Entry {
            cell: Arc::clone(&cell),
            weight: OWNER_WEIGHT,
            used,
        };
        resident.weight += entry.weight;
        resident.owners.insert(owner, entry);
        cell
    }

    fn bring_up_to_date<'c>(
        &self,
        cell: &'c Cell,
        owner: Owner,
    ) -> Result<RwLockWriteGuard<'c, Option<Store>>, StoreError> {
        let mut guard = cell.write().unwrap_or_else(|poisoned| {
            // A thread ended in the midst of a change: what it left is read anew.
            cell.clear_poison();
            let mut guard = poisoned.into_inner();
            *guard = None;
            guard
        });
        match guard.as_mut() {
            Some(store) => {
                if !store.is_current()? {
                    store.refresh()?;
                }
            }
            None => *guard = Some(Store::load(Arc::clone(&self.shared), Some(owner))?),
        }
        Ok(guard)
    }

    /// Notes how much an owner has in memory, and lets others leave it if that is too much.
    fn weigh(&self, owner: Owner, store: &Option<Store>) {
        let memories = store.as_ref().map_or(0, |store| store.bank().len());
        let mut resident = self.lock();
        let Some(entry) = resident.owners.get_mut(&owner) else {
            return;
        };
        let before = std::mem::replace(&mut entry.weight, OWNER_WEIGHT + memories);
        resident.weight = resident.weight + OWNER_WEIGHT + memories - before;
        if resident.weight > self.most {
            resident.shrink(self.most - self.most / 8);
        }
    }
}

impl Resident {
    /// Lets owners go, those first that were not used for longest, until so much is left. Those that are
    /// in use stay.
    fn shrink(&mut self, most: usize) {
        let idle = self
            .owners
            .iter()
            .filter(|(_, entry)| Arc::strong_count(&entry.cell) == 1);
        let mut idle: Vec<(u64, Owner)> = idle.map(|(&owner, entry)| (entry.used, owner)).collect();
        idle.sort_unstable();
        for (_, owner) in idle {
            if self.weight <= most {
                break;
            }
            if let Some(entry) = self.owners.remove(&owner) {
                self.weight -= entry.weight;
            }
        }
    }
}

/// The owner's memories, if they are in memory as they are now.
fn current(cell: &Cell) -> Result<Option<RwLockReadGuard<'_, Option<Store>>>, StoreError> {
    let Ok(guard) = cell.read() else {
        return Ok(None);
    };
    let current = match guard.as_ref() {
        Some(store) => store.is_current()?,
        None => false,
    };
    Ok(current.then_some(guard))
}

fn answer<T>(
    store: &Option<Store>,
    owner: &str,
    ask: impl FnOnce(&Store) -> T,
) -> Result<T, StoreError> {
    let store = store.as_ref().ok_or(StoreError::Overtaken)?;
    store.owner(owner)?;
    Ok(ask(store))
}

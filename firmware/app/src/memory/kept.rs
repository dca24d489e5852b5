//! What flash holds of a bank.

use crate::store::{Places, Store, StoreError};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::{Bank, Deletion};
use memt_core::link::Refusal;
use memt_core::slot::Key;

/// The store of a bank, and whether it can still be relied on.
pub(super) struct Kept<'s, F: NorFlash, const SLOTS: usize, const JUDGED: usize> {
    pub(super) store: Store<F>,
    pub(super) places: &'s mut Places<SLOTS, JUDGED>,
    /// Flash has failed: what RAM holds may not be what flash holds, so nothing is changed any more.
    failed: bool,
    /// Changes since the start.
    pub(super) changes: u32,
}

impl<'s, F: NorFlash, const SLOTS: usize, const JUDGED: usize> Kept<'s, F, SLOTS, JUDGED> {
    pub(super) fn new(store: Store<F>, places: &'s mut Places<SLOTS, JUDGED>) -> Self {
        Self {
            store,
            places,
            failed: false,
            changes: 0,
        }
    }

    pub(super) fn writable(&self) -> Result<(), Refusal> {
        match self.failed {
            true => Err(Refusal::Flash),
            false => Ok(()),
        }
    }

    fn note(&mut self, written: Result<(), StoreError>) -> Result<(), Refusal> {
        self.changes = self.changes.wrapping_add(1);
        written.map_err(|_| {
            self.failed = true;
            Refusal::Flash
        })
    }

    /// As [`Store::added`].
    pub(super) fn added<const TEXT: usize, const TERMS: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        key: Key,
        evicted: Option<usize>,
        buffer: &mut [u8],
    ) -> Result<(), Refusal> {
        let written = self.store.added(bank, self.places, key, evicted, buffer);
        self.note(written)
    }

    /// As [`Store::judged`].
    pub(super) fn judged<const TEXT: usize, const TERMS: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        buffer: &mut [u8],
    ) -> Result<(), Refusal> {
        let written = self.store.judged(bank, self.places, buffer);
        self.note(written)
    }

    /// As [`Store::bury_judged`], which changes nothing that anybody sees.
    pub(super) fn bury_judged<const TEXT: usize, const TERMS: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        buffer: &mut [u8],
    ) -> Result<(), Refusal> {
        let buried = self.store.bury_judged(bank, self.places, buffer);
        buried.map_err(|_| {
            self.failed = true;
            Refusal::Flash
        })
    }

    /// As [`Store::changed`].
    pub(super) fn changed<const TEXT: usize, const TERMS: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        position: usize,
        buffer: &mut [u8],
    ) -> Result<(), Refusal> {
        let written = self.store.changed(bank, self.places, position, buffer);
        self.note(written)
    }

    /// As [`Store::deleted`].
    pub(super) fn deleted<const TEXT: usize, const TERMS: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        deletion: Deletion,
        position: Option<usize>,
        buffer: &mut [u8],
    ) -> Result<(), Refusal> {
        let places = &mut *self.places;
        let written = self.store.deleted(bank, places, deletion, position, buffer);
        self.note(written)
    }
}

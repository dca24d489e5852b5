//! Memories in flash that survive every power cut.
//!
//! Each memory is one item of a [`sequential_storage`] map, and so is each of the latest deletions and each judged question.
//! Writing, changing and forgetting a memory are one item each, and so is writing one in place of another
//! that has to go: what is written is there after the next start, and what is not is wholly absent.
//! Nothing is ever removed from the map, which would need flash that can be written twice: a deletion takes
//! the place of its memory, and a place is used again when its deletion is forgotten.
//!
//! Memories stay in RAM too; flash is read once, at the start.

mod blocking;
mod error;
mod item;
mod judged;
mod load;
mod places;

pub use error::StoreError;
pub use item::ChosenModel;
pub use places::Places;

use blocking::{Blocking, finish};
use embedded_storage::nor_flash::NorFlash;
use item::{
    DELETION_BYTES, FORMAT, IDENTITY, Identity, JUDGEMENT_BYTES, OVERHEAD, Stamp, StoredDeletion,
};
use memt_core::bank::{Bank, Deletion, MAX_DELETIONS};
use memt_core::slot::Key;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage, Value};

type Map<F> = MapStorage<u16, Blocking<F>, Cache<Uncached, Uncached, Uncached, u16>>;

/// Bytes of working memory for texts of up to `text` bytes.
pub const fn buffer_bytes(text: usize) -> usize {
    (text + OVERHEAD).next_multiple_of(32) + 32
}

/// Bytes of working memory to read a store of `slots` memories of up to `text` bytes.
pub const fn load_bytes(slots: usize, text: usize) -> usize {
    buffer_bytes(text) + slots + MAX_DELETIONS
}

/// The memories of a bank in a region of flash, the whole of `F`.
#[allow(missing_debug_implementations, reason = "the map has none")]
pub struct Store<F: NorFlash> {
    map: Map<F>,
    identity: Identity,
    sequence: u32,
}

impl<F: NorFlash> Store<F> {
    /// Takes the region for a bank of `SLOTS` memories of up to `TEXT` bytes; [`load`](Self::load)
    /// must follow. A new flash will give keys of `origin`.
    pub fn open<const SLOTS: usize, const TEXT: usize, const JUDGED: usize>(
        flash: F,
        origin: u32,
    ) -> Result<Self, StoreError> {
        let bytes = flash.capacity();
        let needed = region_bytes::<F>(SLOTS, TEXT, JUDGED);
        let region = StoreError::Region { bytes, needed };
        if bytes < needed {
            return Err(region);
        }
        let config = MapConfig::try_new(0..bytes as u32).map_err(|_| region)?;
        Ok(Self {
            map: Map::new(Blocking(flash), config, Cache::new_uncached()),
            identity: Identity {
                format: FORMAT,
                origin,
                model: None,
            },
            sequence: 0,
        })
    }

    /// Bytes of the region.
    pub fn capacity(&self) -> u32 {
        self.map.flash_range().end
    }

    /// The origin of the bank's keys.
    pub fn origin(&self) -> u32 {
        self.identity.origin
    }

    /// The image to encode with, if it is not the one in the program.
    pub fn model(&self) -> Option<ChosenModel> {
        self.identity.model
    }

    /// Chooses the image to encode with from the next start on.
    pub fn choose_model(
        &mut self,
        model: Option<ChosenModel>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let identity = Identity {
            model,
            ..self.identity
        };
        self.put(IDENTITY, &identity, buffer)?;
        self.identity = identity;
        Ok(())
    }

    /// Writes one item; compiled once for all kinds.
    #[inline(never)]
    fn put(&mut self, key: u16, item: &dyn Value<'_>, buffer: &mut [u8]) -> Result<(), StoreError> {
        finish(self.map.store_item_generic(buffer, &key, item))?;
        Ok(())
    }

    /// Gives the flash back.
    pub fn close(self) -> F {
        self.map.destroy().0.0
    }

    fn stamp<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
    ) -> Stamp {
        self.sequence = self.sequence.wrapping_add(1);
        Stamp {
            sequence: self.sequence,
            next_counter: bank.next_counter(),
        }
    }

    /// Writes the memory at a position of the bank to its place.
    fn write<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        position: usize,
        place: u16,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let stamp = self.stamp(bank);
        let slot = bank.at(position).ok_or(StoreError::Capacity)?;
        let model = bank.fingerprint().map_or(0, item::half);
        let item = item::memory(slot, stamp, model, TEXT);
        self.put(place, &item, buffer)
    }

    /// Writes a memory that the bank has just taken up. `evicted` is where the memory was that had to
    /// go, whose place it takes.
    pub fn added<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        key: Key,
        evicted: Option<usize>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let left = evicted.and_then(|position| places.remove(position));
        let place = left.or_else(|| places.free()).ok_or(StoreError::Capacity)?;
        let position = bank.position(key).ok_or(StoreError::Capacity)?;
        if !places.insert(position, place) {
            return Err(StoreError::Capacity);
        }
        self.write(bank, position, place, buffer)
    }

    /// Writes a memory that has changed.
    pub fn changed<
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const JUDGED: usize,
    >(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        position: usize,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let place = places.of(position).ok_or(StoreError::Capacity)?;
        self.write(bank, position, place, buffer)?;
        places.mark(position, false);
        Ok(())
    }

    /// Writes the bank's newest deletion: of the memory that was at `position`, or of one that the
    /// bank never had.
    pub fn deleted<
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const JUDGED: usize,
    >(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        deletion: Deletion,
        position: Option<usize>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        places.make_room_for_deletion();
        let left = position.and_then(|position| places.remove(position));
        let place = left.or_else(|| places.free()).ok_or(StoreError::Capacity)?;
        places.bury(place);
        let item = StoredDeletion {
            stamp: self.stamp(bank),
            deletion,
            lost: bank.lost_deletions(),
        };
        self.put(place, &item, buffer)
    }
}

/// Bytes of flash for `slots` memories of `text` bytes, `judged` questions and the deletions: pages for all of them,
/// one to write to and one to erase.
pub fn region_bytes<F: NorFlash>(slots: usize, text: usize, judged: usize) -> usize {
    let align = |bytes: usize| bytes.next_multiple_of(F::WRITE_SIZE);
    let overhead = Map::<F>::item_overhead_size() as usize;
    let memory = overhead + align(text + OVERHEAD);
    let deletion = overhead + align(DELETION_BYTES);
    let page = F::ERASE_SIZE - 2 * align(1);
    let judgement = overhead + align(JUDGEMENT_BYTES);
    let small = 33 * deletion + judged * judgement;
    let pages = slots.div_ceil((page / memory).max(1)) + small.div_ceil(page) + 2;
    pages * F::ERASE_SIZE
}

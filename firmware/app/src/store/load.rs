//! From flash to a bank, in one pass: two where the store says that another model encodes than the one in the program.

use super::item::{
    FORMAT, IDENTITY, Identity, Item, Stamp, StoredDeletion, StoredJudgement, StoredMemory, half,
};
use super::judged::Mark;
use super::{Places, Store, StoreError, finish};
use embedded_storage::nor_flash::NorFlash;
use heapless::Vec;
use memt_core::bank::{Bank, Deletion, MAX_DELETIONS, Restoration};
use memt_core::encoder::Fingerprint;
use memt_core::overlap::Signature;
use memt_core::slot::Slot;
use sequential_storage::Error;

/// A deletion that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    sequence: u32,
    place: u16,
    deletion: Deletion,
}

impl<F: NorFlash> Store<F> {
    /// Fills the bank, whose embeddings are to be of the model `fingerprint`. Memories of another model
    /// come with their old embeddings and are marked in `places`. A flash that is new is marked as a
    /// store. `buffer` has [`load_bytes`](super::load_bytes).
    pub fn load<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
        &mut self,
        bank: &mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        fingerprint: Fingerprint,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let needed = super::load_bytes(SLOTS, TEXT);
        if buffer.len() < needed {
            return Err(StoreError::Buffer { needed });
        }
        let identity = match self.read_all(bank, places, fingerprint, buffer) {
            // A page whose erasing was cut short is mended by looking for a key, not by reading all.
            Err(StoreError::Damaged) => {
                finish(self.map.fetch_item::<Identity>(buffer, &IDENTITY))?;
                self.read_all(bank, places, fingerprint, buffer)?
            }
            read => read?,
        };
        places.note_gone(bank.judgements());
        match identity {
            Some(identity) => self.identity = identity,
            None => {
                let identity = self.identity;
                self.put(IDENTITY, &identity, buffer)?;
            }
        }
        Ok(())
    }

    /// One pass over the flash.
    fn read_all<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>(
        &mut self,
        bank: &mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        fingerprint: Fingerprint,
        buffer: &mut [u8],
    ) -> Result<Option<Identity>, StoreError> {
        let (buffer, seen) =
            buffer.split_at_mut(buffer.len() - usize::from(Places::<SLOTS, JUDGED>::COUNT));
        places.clear();
        seen.fill(0);
        let mut filling = Filling {
            bank: bank.restore(),
            places,
            seen,
            deletions: Vec::new(),
            lost: 0,
            identity: None,
            model: half(fingerprint),
            last: Stamp {
                sequence: 0,
                next_counter: 0,
            },
        };
        let map = &mut self.map;
        let read = finish(async {
            let mut items = map.fetch_all_items(buffer).await?;
            while let Some((place, bytes)) = items.next::<&[u8]>(buffer).await? {
                if let Err(error) = filling.take(place, bytes) {
                    return Ok(Err(error));
                }
            }
            Ok::<_, Error<F::Error>>(Ok(()))
        });
        read??;
        self.sequence = filling.last.sequence;
        Ok(filling.finish(self.identity.origin))
    }
}

struct Filling<'f, const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize> {
    bank: Restoration<'f, SLOTS, TEXT, TERMS, JUDGED>,
    places: &'f mut Places<SLOTS, JUDGED>,
    /// For each place 1 if an item of it was read, so that most new ones need not be looked for.
    seen: &'f mut [u8],
    /// The newest, old to new.
    deletions: Vec<Found, MAX_DELETIONS>,
    /// What the newest deletion says of those that are no longer remembered.
    lost: u32,
    identity: Option<Identity>,
    model: u32,
    last: Stamp,
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Filling<'_, SLOTS, TEXT, TERMS, JUDGED>
{
    /// Takes in an item; a later one of the same place replaces it.
    fn take(&mut self, place: u16, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(index) = Places::<SLOTS, JUDGED>::judged_index(place) {
            return self.judge(index, bytes);
        }
        if place == IDENTITY {
            let identity = Identity::read(bytes).ok_or(StoreError::Damaged)?;
            return self.identify(identity);
        }
        let item = Item::read(bytes).ok_or(StoreError::Damaged)?;
        let seen = self.seen.get_mut(usize::from(place));
        let seen = core::mem::replace(seen.ok_or(StoreError::Capacity)?, 1) != 0;
        let before = seen.then(|| self.places.position(place)).flatten();
        let stamp = match item {
            Item::Memory(memory) => {
                self.deletions.retain(|found| found.place != place);
                let other_model = memory.model != self.model;
                let slot = match before {
                    Some(position) => {
                        self.places.mark(position, other_model);
                        self.bank.slot(position).ok_or(StoreError::Capacity)?
                    }
                    None => {
                        self.places.push(place, other_model);
                        self.bank.push().map_err(|_| StoreError::Capacity)?
                    }
                };
                fill(slot, &memory)?;
                memory.stamp
            }
            Item::Deletion(StoredDeletion {
                stamp,
                deletion,
                lost,
            }) => {
                if let Some(position) = before {
                    self.bank.swap_remove(position);
                    self.places.swap_remove(position);
                }
                let found = Found {
                    sequence: stamp.sequence,
                    place,
                    deletion,
                };
                self.note(found, lost);
                stamp
            }
        };
        self.stamped(stamp);
        Ok(())
    }

    fn stamped(&mut self, stamp: Stamp) {
        self.last.sequence = self.last.sequence.max(stamp.sequence);
        self.last.next_counter = self.last.next_counter.max(stamp.next_counter);
    }

    /// Takes in a judged question, or that there is none any more; memories may still come.
    fn judge(&mut self, index: usize, bytes: &[u8]) -> Result<(), StoreError> {
        let item = StoredJudgement::read(bytes).ok_or(StoreError::Damaged)?;
        self.stamped(item.stamp);
        let before = self.places.judged_mark(index);
        self.bank
            .remove_judgements(|judgement| Mark::of(judgement) == before);
        let judgement = item.judgement.filter(|_| item.model == self.model);
        if let Some(judgement) = judgement {
            self.bank.judgement(judgement);
        }
        let mark = match (judgement, item.judgement) {
            (Some(judgement), _) => Mark::of(&judgement),
            (None, Some(_)) => Mark::GONE,
            (None, None) => Mark::NOTHING,
        };
        self.places.mark_judged(index, mark);
        Ok(())
    }

    fn identify(&mut self, identity: Identity) -> Result<(), StoreError> {
        if identity.format != FORMAT {
            let format = identity.format;
            return Err(StoreError::Format { format });
        }
        self.identity = Some(identity);
        Ok(())
    }

    /// Keeps a deletion if it is among the newest, and how many were `lost` when it was the newest.
    fn note(&mut self, found: Found, lost: u32) {
        self.deletions.retain(|other| other.place != found.place);
        if self.deletions.is_full() {
            if self.deletions[0].sequence > found.sequence {
                return;
            }
            self.deletions.remove(0);
        }
        let sequence = found.sequence;
        let at = self
            .deletions
            .partition_point(|other| other.sequence < sequence);
        if at == self.deletions.len() {
            self.lost = lost;
        }
        // There is room now, so the deletion is never handed back.
        let _ = self.deletions.insert(at, found);
    }

    fn finish(mut self, new_origin: u32) -> Option<Identity> {
        for found in &self.deletions {
            self.bank.deletion(found.deletion);
            self.places.bury(found.place);
        }
        let places = self.places;
        let origin = self.identity.map_or(new_origin, |identity| identity.origin);
        let exchanged = |one, other| places.swap(one, other);
        let next_counter = self.last.next_counter;
        self.bank.finish(origin, next_counter, self.lost, exchanged);
        self.identity
    }
}

/// Puts a memory into a slot. What the checksum of the item has proved is not computed again.
fn fill<const TEXT: usize, const TERMS: usize>(
    slot: &mut Slot<TEXT, TERMS>,
    memory: &StoredMemory<'_>,
) -> Result<(), StoreError> {
    let too_long = |_| StoreError::Capacity;
    slot.facts = memory.facts;
    slot.set_text(memory.text).map_err(too_long)?;
    let copied = slot.embedding.copy_from_bytes(memory.embedding);
    copied.ok_or(StoreError::Damaged)?;
    slot.squared_norm = memory.squared_norm;
    if memory.hashes.is_empty() {
        slot.signature = Signature::of(memory.text).map_err(|_| StoreError::Capacity)?;
        return Ok(());
    }
    let restored = slot.signature.restore(memory.hashes, memory.counts);
    restored.map_err(|_| StoreError::Damaged)
}

//! Judged questions in flash.
//!
//! A bank has them in the order of their memories, flash in places that stay. What a place holds is known by a
//! mark of 64 bits, so that RAM holds no judged question twice.

use super::item::{StoredJudgement, half};
use super::{Places, Store, StoreError};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::{Bank, MAX_DELETIONS};
use memt_core::feedback::Judgement;

/// What a place holds: nothing, a judgement of the bank, or one that counts no more because its memory went or
/// another model encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u64);

impl Mark {
    pub(super) const NOTHING: Self = Self(0);
    pub(super) const GONE: Self = Self(1);

    /// The FNV-1a hash of a judgement, with the lowest bits that neither of the others has.
    pub(super) fn of(judgement: &Judgement) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut absorb = |bytes: &[u8]| {
            for &byte in bytes {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        absorb(judgement.question.as_bytes());
        let key = judgement.key;
        for number in [
            key.origin,
            key.counter,
            judgement.time.0,
            judgement.weight.0 as u32,
        ] {
            absorb(&number.to_le_bytes());
        }
        Self(hash & !3 | 2)
    }

    fn is_judgement(self) -> bool {
        self.0 & 2 != 0
    }
}

impl<const SLOTS: usize, const JUDGED: usize> Places<SLOTS, JUDGED> {
    /// Which place of a judged question a place is.
    pub(super) fn judged_index(place: u16) -> Option<usize> {
        let index = usize::from(place).checked_sub(SLOTS + MAX_DELETIONS)?;
        (index < JUDGED).then_some(index)
    }

    pub(super) fn judged_mark(&self, index: usize) -> Mark {
        self.judged.get(index).copied().unwrap_or(Mark::NOTHING)
    }

    pub(super) fn mark_judged(&mut self, index: usize, mark: Mark) {
        if let Some(place) = self.judged.get_mut(index) {
            *place = mark;
        }
    }

    /// The first place that holds a judgement which is not among those of the bank.
    fn left(&self, judgements: &[Judgement]) -> Option<usize> {
        let is_left = |&mark: &Mark| {
            mark.is_judgement() && !judgements.iter().any(|one| Mark::of(one) == mark)
        };
        self.judged.iter().position(is_left)
    }

    /// Notes which judgements went with their memories: flash still has them, and they count no more.
    pub(crate) fn note_gone(&mut self, judgements: &[Judgement]) {
        while let Some(index) = self.left(judgements) {
            self.mark_judged(index, Mark::GONE);
        }
    }
}

impl<F: NorFlash> Store<F> {
    /// Writes what was judged since [`Places::note_gone`]: one item for a new judgement, which takes the place of the one
    /// that it replaces, or for one that was taken back.
    pub fn judged<
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const JUDGED: usize,
    >(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let judgements = bank.judgements();
        let is_new = |one: &&Judgement| !places.judged.contains(&Mark::of(one));
        if let Some(&new) = judgements.iter().find(is_new) {
            let unused = |&mark: &Mark| !mark.is_judgement();
            let place = places.left(judgements);
            let place = place.or_else(|| places.judged.iter().position(unused));
            let place = place.ok_or(StoreError::Capacity)?;
            self.put_judgement(bank, places, place, Some(new), buffer)?;
        }
        while let Some(place) = places.left(judgements) {
            self.put_judgement(bank, places, place, None, buffer)?;
        }
        Ok(())
    }

    /// Empties the places of judgements that count no more, before a memory comes back to which they would belong.
    pub fn bury_judged<
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const JUDGED: usize,
    >(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        places.note_gone(bank.judgements());
        while let Some(place) = places.judged.iter().position(|&mark| mark == Mark::GONE) {
            self.put_judgement(bank, places, place, None, buffer)?;
        }
        Ok(())
    }

    fn put_judgement<
        const SLOTS: usize,
        const TEXT: usize,
        const TERMS: usize,
        const JUDGED: usize,
    >(
        &mut self,
        bank: &Bank<SLOTS, TEXT, TERMS, JUDGED>,
        places: &mut Places<SLOTS, JUDGED>,
        index: usize,
        judgement: Option<Judgement>,
        buffer: &mut [u8],
    ) -> Result<(), StoreError> {
        let mark = judgement.as_ref().map_or(Mark::NOTHING, Mark::of);
        let item = StoredJudgement {
            stamp: self.stamp(bank),
            model: bank.fingerprint().map_or(0, half),
            judgement,
        };
        self.put((SLOTS + MAX_DELETIONS + index) as u16, &item, buffer)?;
        places.mark_judged(index, mark);
        Ok(())
    }
}

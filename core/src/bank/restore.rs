//! Putting a bank together again from wherever a device keeps it.

use super::{AddError, Bank, Deletion};
use crate::feedback::Judgement;
use crate::slot::Slot;

/// A bank that is being filled from storage, in any order.
///
/// Nothing is looked up and no slot is moved until [`finish`](Self::finish), which brings the slots into
/// their order; a bank that is filled from old to new costs no move at all.
#[derive(Debug)]
pub struct Restoration<
    'b,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const JUDGED: usize = 0,
> {
    bank: &'b mut Bank<SLOTS, TEXT, TERMS, JUDGED>,
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Empties the bank, whose model stays, and begins to fill it.
    pub fn restore(&mut self) -> Restoration<'_, SLOTS, TEXT, TERMS, JUDGED> {
        self.slots.clear();
        self.judgements.remove(|_| true);
        self.deletions.clear();
        self.lost_deletions = 0;
        self.next_counter = 0;
        Restoration { bank: self }
    }
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Restoration<'_, SLOTS, TEXT, TERMS, JUDGED>
{
    /// Memories so far.
    pub fn len(&self) -> usize {
        self.bank.slots.len()
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.bank.slots.is_empty()
    }

    /// Puts an empty memory behind the others, to be filled where it lies.
    pub fn push(&mut self) -> Result<&mut Slot<TEXT, TERMS>, AddError> {
        let slots = &mut self.bank.slots;
        let full = AddError::Full { capacity: SLOTS };
        slots.push(Slot::empty()).map_err(|_| full)?;
        slots.last_mut().ok_or(full)
    }

    /// The memory at `at`, to be filled anew.
    pub fn slot(&mut self, at: usize) -> Option<&mut Slot<TEXT, TERMS>> {
        self.bank.slots.get_mut(at)
    }

    /// Takes out the memory at `at` and puts the last one in its place; says whether there was one.
    pub fn swap_remove(&mut self, at: usize) -> bool {
        let there = at < self.bank.slots.len();
        if there {
            self.bank.slots.swap_remove(at);
        }
        there
    }

    /// Notes a deletion, older ones first. The memories that it concerns are not looked for.
    pub fn deletion(&mut self, deletion: Deletion) {
        self.bank.remember_deletion(deletion);
    }

    /// Takes in a judgement; one of the same memory and question goes. Those of memories that do not come
    /// go at the end.
    pub fn judgement(&mut self, judgement: Judgement) {
        self.bank.judgements.put(judgement);
    }

    /// Takes out the judgements that `goes` names.
    pub fn remove_judgements(&mut self, goes: impl Fn(&Judgement) -> bool) {
        self.bank.judgements.remove(goes);
    }

    /// Sorts the memories by age and goes on giving keys of `origin`, from `next_counter` on or after
    /// those that are in use. `exchanged` hears of every two positions whose memories change places.
    pub fn finish(
        self,
        origin: u32,
        next_counter: u32,
        lost_deletions: u32,
        mut exchanged: impl FnMut(usize, usize),
    ) {
        let slots = &mut self.bank.slots;
        if !slots.is_sorted_by_key(|slot| slot.facts.age_order()) {
            // Selection: slots are large, so the fewest exchanges count.
            for at in 0..slots.len() {
                let oldest = (at..slots.len()).min_by_key(|&other| slots[other].facts.age_order());
                if let Some(oldest) = oldest.filter(|&oldest| oldest != at) {
                    slots.swap(at, oldest);
                    exchanged(at, oldest);
                }
            }
        }
        let is_there = |judgement: &Judgement| {
            let mut slots = slots.iter();
            slots.any(|slot| slot.facts.key == judgement.key)
        };
        self.bank
            .judgements
            .remove(|judgement| !is_there(judgement));
        self.bank.lost_deletions = lost_deletions;
        self.bank.origin = origin;
        self.bank.next_counter = next_counter;
        self.bank.skip_used_keys();
    }
}

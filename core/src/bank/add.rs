//! Writing a memory.

use super::{AddError, Bank};
use crate::overlap::Signature;
use crate::slot::{Key, Slot, Timestamp};
use crate::text::Words;
use crate::write::{NewMemory, WhenFull, WriteReport, verify};
use heapless::String;

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Writes a memory. Nothing changes when it is refused.
    ///
    /// It is read back, and fitted where others say nearly the same, in one pass over the slots or more: the work
    /// grows with their number. With 256 slots it stays below a million instructions on a Cortex-M4F, which
    /// a test in QEMU holds it to; a larger bank takes more, and there is no form in steps.
    // Not inlined: a device's stack has no room for the working memory of all parts of a write at once.
    #[inline(never)]
    pub fn add(
        &mut self,
        memory: &NewMemory<'_>,
        when_full: WhenFull,
    ) -> Result<WriteReport, AddError> {
        let mut slot = self.prepare(memory)?;
        let evicted = self.make_room(memory.created, when_full)?;
        slot.facts.key = self.give_key()?;
        let key = slot.facts.key;
        let others = self.owned_by(Some(memory.owner));
        let verification = verify(memory.embedding, &slot.embedding, others);
        self.insert(slot)?;
        Ok(WriteReport {
            key,
            verification,
            evicted,
        })
    }

    fn prepare(&self, memory: &NewMemory<'_>) -> Result<Slot<TEXT, TERMS>, AddError> {
        if self.fingerprint.is_none() {
            return Err(AddError::Unbound);
        }
        if self.next_counter == u32::MAX {
            return Err(AddError::KeysExhausted);
        }
        if Words::of(memory.text).next().is_none() {
            return Err(AddError::EmptyText);
        }
        let too_long = AddError::TextTooLong {
            bytes: memory.text.len(),
            capacity: TEXT,
        };
        Ok(Slot {
            facts: memory.facts(),
            text: String::try_from(memory.text).map_err(|_| too_long)?,
            embedding: *memory.embedding,
            squared_norm: memory.embedding.squared_norm(),
            signature: Signature::of(memory.text).map_err(AddError::TooManyTerms)?,
        })
    }

    fn make_room(&mut self, now: Timestamp, when_full: WhenFull) -> Result<Option<Key>, AddError> {
        if self.slots.len() < SLOTS {
            return Ok(None);
        }
        let full = AddError::Full { capacity: SLOTS };
        match when_full {
            WhenFull::Refuse => Err(full),
            WhenFull::Evict => {
                let least = self.least_retained_key(now).ok_or(full)?;
                if let Some(at) = self.position(least) {
                    self.remove(at);
                }
                Ok(Some(least))
            }
        }
    }

    fn give_key(&mut self) -> Result<Key, AddError> {
        let counter = self.next_counter;
        self.next_counter = counter.checked_add(1).ok_or(AddError::KeysExhausted)?;
        Ok(Key {
            origin: self.origin,
            counter,
        })
    }
}

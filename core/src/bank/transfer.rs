//! Memories and deletions from other banks.

use super::{AddError, Bank, Deletion};
use crate::slot::Slot;

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Takes in a memory from elsewhere under its own key; says whether it was new.
    pub fn import(&mut self, slot: Slot<TEXT, TERMS>) -> Result<bool, AddError> {
        let key = slot.facts.key;
        let forgotten = self.deletions.iter().any(|deletion| deletion.key == key);
        if forgotten || self.position(key).is_some() {
            return Ok(false);
        }
        if self.slots.is_full() {
            return Err(AddError::Full { capacity: SLOTS });
        }
        self.insert(slot)?;
        self.skip_used_keys();
        Ok(true)
    }

    /// Takes in a deletion from elsewhere: the memory goes if it was written no later.
    pub fn import_deletion(&mut self, deletion: Deletion) {
        let known = self.deletions.iter().any(|other| other.key == deletion.key);
        match self.position(deletion.key) {
            Some(at) if self.slots[at].facts.created <= deletion.time => {
                self.remove(at);
            }
            Some(_) => return,
            None => {}
        }
        if !known {
            self.remember_deletion(deletion);
        }
        self.skip_used_keys();
    }
}

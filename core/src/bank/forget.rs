//! Forgetting, and remembering what was forgotten.

use super::{Bank, Deletion};
use crate::slot::{Facts, Key, Owner, Timestamp};

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// Forgets a memory; says whether it was there.
    pub fn forget(&mut self, key: Key, now: Timestamp) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            self.remove(at);
            self.remember_deletion(Deletion { key, time: now });
        }
        at.is_some()
    }

    /// Forgets every memory of an owner, or all; returns how many.
    pub fn forget_all(&mut self, owner: Option<Owner>, now: Timestamp) -> usize {
        let before = self.slots.len();
        let goes = |facts: &Facts| owner.is_none_or(|owner| facts.owner == owner);
        for at in 0..before {
            let facts = self.slots[at].facts;
            if goes(&facts) {
                self.remember_deletion(Deletion {
                    key: facts.key,
                    time: now,
                });
            }
        }
        self.slots.retain(|slot| !goes(&slot.facts));
        let slots = &self.slots;
        let is_there = |key: Key| slots.iter().any(|slot| slot.facts.key == key);
        self.judgements.remove(|judgement| !is_there(judgement.key));
        before - self.slots.len()
    }

    pub(super) fn remember_deletion(&mut self, deletion: Deletion) {
        if self.deletions.is_full() {
            self.deletions.pop_front();
            self.lost_deletions = self.lost_deletions.saturating_add(1);
        }
        // There is room now, so the deletion is never handed back.
        let _ = self.deletions.push_back(deletion);
    }

    /// The latest deletions, old to new.
    pub fn deletions(&self) -> impl Iterator<Item = Deletion> + '_ {
        self.deletions.iter().copied()
    }

    /// Deletions that were made but are no longer remembered: a merge may bring those memories back.
    pub fn lost_deletions(&self) -> u32 {
        self.lost_deletions
    }
}

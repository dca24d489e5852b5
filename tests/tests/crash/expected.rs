//! What a store must hold after changes.

use super::change::*;
use memt_core::slot::{Factor, Owner};
use memt_host::store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// What is expected of a memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) accesses: u32,
    /// How strong rehearsal has made it.
    pub(super) strength: Factor,
    pub(super) id: Option<u32>,
}

impl Memory {
    pub(super) fn new(id: Option<u32>) -> Self {
        let strength = Factor::ONE;
        Self {
            accesses: 0,
            strength,
            id,
        }
    }
}

/// What a store must hold: memories by their counters, and what was forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) memories: BTreeMap<u32, Memory>,
    pub(super) forgotten: BTreeSet<u32>,
}

impl Expected {
    pub(super) fn forget(&mut self, counter: u32) {
        self.memories.remove(&counter).unwrap();
        self.forgotten.insert(counter);
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match *change {
            Change::Add { first, count } => {
                let added = first..first + count;
                self.memories
                    .extend(added.map(|counter| (counter, Memory::new(Some(counter)))));
            }
            Change::Replace { id, counter } => {
                let mut memories = self.memories.iter();
                let replaced = memories.find(|(_, memory)| memory.id == Some(id));
                let replaced = *replaced.unwrap().0;
                self.forget(replaced);
                self.memories.insert(counter, Memory::new(Some(id)));
            }
            Change::Forget(counter) => self.forget(counter),
            Change::Read(counter) => self.memories.get_mut(&counter).unwrap().accesses += 1,
            Change::Replay(counter) => {
                let strength = &mut self.memories.get_mut(&counter).unwrap().strength;
                let grown = (u32::from(strength.0) * 102).div_ceil(100);
                strength.0 = grown.min(u32::from(Factor::MAX.0)) as u16;
            }
            Change::Import { first, count, gone } => {
                let added = first..first + count;
                self.memories
                    .extend(added.map(|counter| (counter, Memory::new(None))));
                self.forget(gone);
            }
            Change::Compact { ref gone, .. } => {
                gone.iter().for_each(|&counter| self.forget(counter));
            }
        }
    }

    /// What a store holds. Rehearsal moves vectors, all others are as they were written.
    pub(super) fn of(store: &Store) -> Self {
        let memories = store.bank().owned_by(None).map(|slot| {
            let counter = slot.facts.key.counter;
            assert_eq!(slot.text, text(counter));
            if slot.facts.strength == Factor::ONE {
                assert_eq!(slot.embedding, self::slot(counter).view().embedding);
            }
            let id = store.external_id(slot.facts.key);
            if let Some(id) = id {
                assert_eq!(store.key_of(Owner(1), id), Some(slot.facts.key));
            }
            let id = id.map(|id| id.strip_prefix("id ").unwrap().parse().unwrap());
            let memory = Memory {
                accesses: slot.facts.accesses,
                strength: slot.facts.strength,
                id,
            };
            (counter, memory)
        });
        Self {
            memories: memories.collect(),
            forgotten: store
                .bank()
                .deletions()
                .map(|deletion| deletion.key.counter)
                .collect(),
        }
    }
}

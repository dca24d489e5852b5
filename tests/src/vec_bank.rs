//! The bank as a plain list of memories: what a bank of any kind must do, in the fewest words.

use memt_core::embedding::Embedding;
use memt_core::overlap::{Terms, terms};
use memt_core::slot::{Key, SlotView};
use std::collections::BTreeMap;

/// One memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// Its key.
    pub key: Key,
    /// Its owner.
    pub owner: u64,
    /// Its text.
    pub text: String,
    /// Its embedding.
    pub embedding: Embedding,
    /// When it was written.
    pub created: u32,
    /// When it was last read or replayed.
    pub accessed: u32,
    /// How often it was read.
    pub accesses: u32,
    /// Strength x 4096.
    pub strength: u32,
    /// Importance x 4096.
    pub importance: u32,
}

impl Memory {
    /// `importance (1 + accesses) / sqrt((age + 1) (idle + 1))`
    pub fn retention(&self, now: u32) -> f64 {
        let since = |time: u32| f64::from(now.saturating_sub(time)) + 1.0;
        let idle = since(self.accessed.max(self.created));
        let uses = f64::from(self.accesses) + 1.0;
        f64::from(self.importance) / 4096.0 * uses / (since(self.created) * idle).sqrt()
    }

    /// Whether a bank's slot holds exactly this.
    pub fn is(&self, slot: SlotView<'_>) -> bool {
        let facts = slot.facts;
        facts.key == self.key
            && facts.owner.0 == self.owner
            && slot.text == self.text
            && *slot.embedding == self.embedding
            && slot.squared_norm == self.embedding.squared_norm()
            && (facts.created.0, facts.accessed.0) == (self.created, self.accessed)
            && facts.accesses == self.accesses
            && u32::from(facts.strength.0) == self.strength
            && u32::from(facts.importance.0) == self.importance
            && is_signature_of(slot.terms, &self.text)
    }
}

fn is_signature_of(signature: Terms<'_>, text: &str) -> bool {
    let counts = counted(text);
    let mut stored = signature.hashes.iter().zip(signature.counts);
    distinct_terms(text) == signature.hashes
        && stored.all(|(hash, &count)| {
            counts
                .get(hash)
                .is_some_and(|own| u32::from(count) == *own.min(&255))
        })
}

/// The distinct terms of a text, in the order in which they first occur.
pub fn distinct_terms(text: &str) -> Vec<u32> {
    let mut distinct = Vec::new();
    for term in terms(text) {
        if !distinct.contains(&term) {
            distinct.push(term);
        }
    }
    distinct
}

/// How often each term occurs.
pub fn counted(text: &str) -> BTreeMap<u32, u32> {
    let mut counts = BTreeMap::new();
    for term in terms(text) {
        *counts.entry(term).or_insert(0) += 1;
    }
    counts
}

/// Memories, deletions and the next key.
#[derive(Clone, Debug, Default)]
pub struct VecBank {
    /// From old to new.
    pub memories: Vec<Memory>,
    /// Key and time, the latest 32.
    pub deletions: Vec<(Key, u32)>,
    /// Deletions that were dropped.
    pub lost_deletions: u32,
    /// The next key.
    pub next: Key,
}

impl VecBank {
    /// Puts a memory in its place by age.
    pub fn insert(&mut self, memory: Memory) {
        self.memories.push(memory);
        self.memories
            .sort_by_key(|memory| (memory.created, memory.key));
    }

    /// The memory with this key.
    pub fn find(&mut self, key: Key) -> Option<&mut Memory> {
        self.memories.iter_mut().find(|memory| memory.key == key)
    }

    /// Removes the memories that `goes` chooses; says which they were.
    pub fn remove(&mut self, goes: impl Fn(&Memory) -> bool) -> Vec<Key> {
        let gone = self.memories.iter().filter(|memory| goes(memory));
        let keys = gone.map(|memory| memory.key).collect();
        self.memories.retain(|memory| !goes(memory));
        keys
    }

    /// Notes a deletion.
    pub fn note_deletion(&mut self, key: Key, time: u32) {
        self.deletions.push((key, time));
        if self.deletions.len() > 32 {
            self.deletions.remove(0);
            self.lost_deletions += 1;
        }
    }

    /// Keeps keys of the bank's own origin from being given again.
    pub fn note_foreign(&mut self, key: Key) {
        if key.origin == self.next.origin {
            self.next.counter = self.next.counter.max(key.counter + 1);
        }
    }

    /// Memories of an owner, or all, old to new.
    pub fn owned_by(&self, owner: Option<u64>) -> Vec<&Memory> {
        let owned = |memory: &&Memory| owner.is_none_or(|owner| memory.owner == owner);
        self.memories.iter().filter(owned).collect()
    }
}

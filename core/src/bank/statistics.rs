//! Counts over memories.

use crate::slot::{SlotView, Timestamp};

/// Counts over a bank or one owner's part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankStatistics {
    /// Memories.
    pub memories: usize,
    /// Bytes of their texts.
    pub text_bytes: usize,
    /// Sum of their access counts.
    pub accesses: u64,
    /// The oldest memory's time.
    pub oldest: Option<Timestamp>,
    /// The newest memory's time.
    pub newest: Option<Timestamp>,
}

impl BankStatistics {
    /// Counts one memory.
    pub fn observe(&mut self, slot: SlotView<'_>) {
        let created = slot.facts.created;
        self.memories += 1;
        self.text_bytes += slot.text.len();
        self.accesses += u64::from(slot.facts.accesses);
        self.oldest = Some(self.oldest.map_or(created, |oldest| oldest.min(created)));
        self.newest = Some(self.newest.map_or(created, |newest| newest.max(created)));
    }
}

//! Which memories repeat others, for all of an owner at once.
//!
//! A memory that repeats an older one has each of its terms, and so its rarest. Listed by their rarest
//! term, memories meet few candidates, where each would otherwise be compared with all; and of those that
//! were repeated already nothing is left to meet.

use memt_core::retention::repeats;
use memt_core::slot::SlotView;
use std::collections::HashMap;

/// Memories so far by the term that the fewest of all have; those without terms under `None`.
pub(super) struct Repeats<'b> {
    frequencies: HashMap<u32, u32>,
    by_rarest: HashMap<Option<u32>, Vec<SlotView<'b>>>,
}

impl<'b> Repeats<'b> {
    /// Counts the terms of all memories to come.
    pub(super) fn among(memories: &[SlotView<'b>]) -> Self {
        let mut frequencies = HashMap::new();
        for &hash in memories.iter().flat_map(|slot| slot.terms.hashes) {
            *frequencies.entry(hash).or_default() += 1;
        }
        Self {
            frequencies,
            by_rarest: HashMap::new(),
        }
    }

    /// Takes in a memory, written after all before it, and takes out those that it repeats, old to new.
    pub(super) fn take_repeated(&mut self, newer: SlotView<'b>) -> Vec<SlotView<'b>> {
        let hashes = newer.terms.hashes.iter();
        let rarest = hashes.min_by_key(|&hash| (self.frequencies.get(hash), hash));
        let mut repeated = Vec::new();
        for hash in newer.terms.hashes.iter().copied().map(Some).chain([None]) {
            if let Some(listed) = self.by_rarest.get_mut(&hash) {
                repeated.extend(listed.extract_if(.., |older| repeats(newer, *older)));
            }
        }
        repeated.sort_unstable_by_key(SlotView::age_order);
        let listed = self.by_rarest.entry(rarest.copied());
        listed.or_default().push(newer);
        repeated
    }
}

//! Which place of the store holds which memory.

use super::judged::Mark;
use heapless::{Deque, Vec};
use memt_core::bank::MAX_DELETIONS;

/// Set on the place of a memory whose embedding is of another model.
const OTHER_MODEL: u16 = 1 << 15;

/// The places of a bank's memories, in the bank's order, and of its deletions, old to new.
///
/// There are as many places as memories and deletions can be, so a memory always finds one that holds
/// neither. All zero when new.
#[derive(Debug)]
pub struct Places<const SLOTS: usize, const JUDGED: usize = 0> {
    memories: Vec<u16, SLOTS>,
    deletions: Deque<u16, MAX_DELETIONS>,
    /// Where the search for a free place goes on.
    next: u16,
    /// What is in flash at the places of judged questions.
    pub(super) judged: [Mark; JUDGED],
}

impl<const SLOTS: usize, const JUDGED: usize> Places<SLOTS, JUDGED> {
    /// How many there are.
    pub(super) const COUNT: u16 = {
        assert!(SLOTS + MAX_DELETIONS + JUDGED < OTHER_MODEL as usize);
        (SLOTS + MAX_DELETIONS) as u16
    };

    /// No places taken.
    pub const fn new() -> Self {
        Self {
            memories: Vec::new(),
            deletions: Deque::new(),
            next: 0,
            judged: [Mark::NOTHING; JUDGED],
        }
    }

    pub(super) fn clear(&mut self) {
        self.memories.clear();
        self.deletions.clear();
        self.next = 0;
        self.judged = [Mark::NOTHING; JUDGED];
    }

    /// The place of the memory at a position of the bank.
    pub(super) fn of(&self, position: usize) -> Option<u16> {
        self.memories
            .get(position)
            .map(|place| place & !OTHER_MODEL)
    }

    pub(super) fn position(&self, place: u16) -> Option<usize> {
        let mut memories = self.memories.iter();
        memories.position(|taken| taken & !OTHER_MODEL == place)
    }

    /// A place that holds neither a memory nor a deletion.
    pub(super) fn free(&mut self) -> Option<u16> {
        for _ in 0..Self::COUNT {
            let place = self.next;
            self.next = if place + 1 < Self::COUNT {
                place + 1
            } else {
                0
            };
            let buried = self.deletions.iter().any(|&taken| taken == place);
            if !buried && self.position(place).is_none() {
                return Some(place);
            }
        }
        None
    }

    /// Notes that the memory at a position lies at a place; later ones move up.
    pub(super) fn insert(&mut self, position: usize, place: u16) -> bool {
        self.memories.insert(position, place).is_ok()
    }

    pub(super) fn push(&mut self, place: u16, other_model: bool) -> bool {
        let mark = if other_model { OTHER_MODEL } else { 0 };
        self.memories.push(place | mark).is_ok()
    }

    pub(super) fn mark(&mut self, position: usize, other_model: bool) {
        if let Some(place) = self.memories.get_mut(position) {
            *place = *place & !OTHER_MODEL | if other_model { OTHER_MODEL } else { 0 };
        }
    }

    pub(super) fn swap(&mut self, one: usize, other: usize) {
        self.memories.swap(one, other);
    }

    /// Frees the place of a memory; later ones move down.
    pub(super) fn remove(&mut self, position: usize) -> Option<u16> {
        let there = position < self.memories.len();
        there.then(|| self.memories.remove(position) & !OTHER_MODEL)
    }

    pub(super) fn swap_remove(&mut self, position: usize) {
        if position < self.memories.len() {
            self.memories.swap_remove(position);
        }
    }

    /// Frees the place of the oldest deletion when no more can be noted.
    pub(super) fn make_room_for_deletion(&mut self) {
        if self.deletions.is_full() {
            self.deletions.pop_front();
        }
    }

    /// Notes the place of the newest deletion.
    pub(super) fn bury(&mut self, place: u16) {
        self.make_room_for_deletion();
        // There is room now, so the place is never handed back.
        let _ = self.deletions.push_back(place);
    }

    /// The position of the first memory whose embedding is of another model.
    pub(crate) fn of_other_model(&self) -> Option<usize> {
        let mut memories = self.memories.iter();
        memories.position(|place| place & OTHER_MODEL != 0)
    }
}

impl<const SLOTS: usize, const JUDGED: usize> Default for Places<SLOTS, JUDGED> {
    fn default() -> Self {
        Self::new()
    }
}

//! What lies in flash under a key of the map.
//!
//! One item a key. Keys from `slots + 32` on are places of judged questions; one whose judgement was taken back holds the first
//! 10 bytes only. Keys 0 to `slots + 31` are places: each holds a memory or a deletion, and the newest item of a place
//! replaces the older ones in one write. Key [`IDENTITY`] holds what the store is.
//!
//! ```text
//!  memory    0      2       10      14    22      26        30        34             38
//!            | kind | stamp | model | key | owner | created | factors | squared norm | ...
//!            38          166
//!            | embedding | upper owner | accessed, accesses | n hashes | n counts | text |
//!  deletion  0   2       10    18     22     26
//!            | 2 | stamp | key | time | lost |
//!  judgement 0   2       10      14    22     26       28
//!            | 3 | stamp | model | key | time | weight | question |
//!  identity  0        1        5             9             17
//!            | format | origin | model bytes | fingerprint |
//! ```
//!
//! A memory's kind is 1, n from bit [`TERMS_SHIFT`] on, [`WIDE`] where the upper half of its owner is not 0, [`READ`] where it was accessed
//! since it was created, and [`ONCE`] where each count is 1: what is not needed is not there. All numbers are little-endian. The map writes two bytes of its key before an item, so the embedding begins at a multiple of four:
//! it is copied by words. An identity without a chosen model has 0 model bytes.

mod identity;
mod read;
mod write;

pub use identity::ChosenModel;
pub(super) use identity::{FORMAT, IDENTITY, Identity, half};
pub(super) use write::memory;

use memt_core::bank::Deletion;
use memt_core::embedding::DIMENSIONS;
use memt_core::feedback::Judgement;
use memt_core::slot::Facts;

/// When an item was written. The newest item always carries the largest of both numbers, so neither is
/// ever lost, whatever else is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Grows with every item.
    pub(super) sequence: u32,
    /// The bank's next key.
    pub(super) next_counter: u32,
}

/// An item of a place, as read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'i> {
    Memory(StoredMemory<'i>),
    Deletion(StoredDeletion),
}

/// A memory, as read.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredMemory<'i> {
    pub(super) stamp: Stamp,
    /// Half of the fingerprint of the model that encoded it.
    pub(super) model: u32,
    pub(super) facts: Facts,
    pub(super) squared_norm: u32,
    pub(super) text: &'i str,
    pub(super) embedding: &'i [u8],
    /// The terms' hashes, little-endian, and counts. None where they would make the item longer
    /// than the longest text makes it: the text gives them again.
    pub(super) hashes: &'i [u8],
    /// None where each is 1.
    pub(super) counts: Option<&'i [u8]>,
}

/// A deletion.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredDeletion {
    pub(super) stamp: Stamp,
    pub(super) deletion: Deletion,
    /// Deletions that the bank no longer remembers.
    pub(super) lost: u32,
}

/// A judged question, or that there is none any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredJudgement {
    pub(super) stamp: Stamp,
    /// Half of the fingerprint of the model that encoded the question.
    pub(super) model: u32,
    pub(super) judgement: Option<Judgement>,
}

/// Where each number of an item begins.
mod at {
    pub(super) const KIND: usize = 0;
    pub(super) const SEQUENCE: usize = 2;
    pub(super) const NEXT_COUNTER: usize = 6;
    /// Of a memory and a judgement.
    pub(super) const MODEL: usize = 10;
    pub(super) const KEY: usize = 14;
    pub(super) const OWNER: usize = 22;
    pub(super) const CREATED: usize = 26;
    pub(super) const STRENGTH: usize = 30;
    pub(super) const IMPORTANCE: usize = 32;
    pub(super) const SQUARED_NORM: usize = 34;
    /// Of a deletion.
    pub(super) const DELETED_KEY: usize = 10;
    pub(super) const DELETED: usize = 18;
    pub(super) const LOST: usize = 22;
    /// Of a judgement.
    pub(super) const JUDGED: usize = 22;
    pub(super) const WEIGHT: usize = 26;
}

/// First number of a memory.
const MEMORY: u16 = 1;

/// Bits of a kind that tell memories from deletions.
const KIND: u16 = 3;

/// Set in the kind of a memory whose owner takes more than 32 bits.
const WIDE: u16 = 1 << 2;

/// Set in the kind of a memory whose terms each occur once.
const ONCE: u16 = 1 << 3;

/// Set in the kind of a memory that was read or rehearsed.
const READ: u16 = 1 << 4;

/// Where the number of a memory's terms begins in its kind.
const TERMS_SHIFT: u32 = 5;

/// First number of a deletion.
const DELETION: u16 = 2;

/// First number of a judged question.
const JUDGEMENT: u16 = 3;

/// Bytes of a judged question before the embedding.
const JUDGEMENT_HEAD_BYTES: usize = 28;

/// Bytes of a judged question.
pub(super) const JUDGEMENT_BYTES: usize = JUDGEMENT_HEAD_BYTES + DIMENSIONS;

/// Bytes of an item before what it is about.
const START_BYTES: usize = 10;

/// Bytes of a memory before its embedding.
const HEAD_BYTES: usize = 38;

/// Bytes of a memory besides text and terms, at most.
pub(super) const OVERHEAD: usize = HEAD_BYTES + DIMENSIONS + 4 + 8;

/// Bytes of a deletion.
pub(super) const DELETION_BYTES: usize = 26;

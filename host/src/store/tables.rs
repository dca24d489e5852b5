//! What lies where in a store: five tables of numbers to [frames](super::frame).
//!
//! | table | key | payload (postcard) |
//! |---|---|---|
//! | [`Table::Head`] | 0 | [`Head`]: what is true of the whole store; rewritten by every change |
//! | [`Table::Owners`] | owner | the owner's name |
//! | [`Table::Memories`] | key of the memory | [`StoredMemory`](super::record::StoredMemory) |
//! | [`Table::Deletions`] | key of the memory | [`Deletion`](memt_core::bank::Deletion) |
//! | [`Table::Notes`] | its number | bytes that a service keeps: it alone knows what they are |
//!
//! The key of a memory is `origin x 2^32 + counter`.

use memt_core::slot::Key;
use serde::{Deserialize, Serialize};

/// One of the tables, in the order in which a store is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row: what is true of the whole store.
    Head,
    /// Names of owners.
    Owners,
    /// Memories.
    Memories,
    /// Memories that were forgotten on purpose.
    Deletions,
    /// What a service keeps besides.
    Notes,
}

impl Table {
    /// All of them, in the order of reading.
    pub const ALL: [Self; 5] = [
        Self::Head,
        Self::Owners,
        Self::Memories,
        Self::Deletions,
        Self::Notes,
    ];

    /// The table's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Owners => "owners",
            Self::Memories => "memories",
            Self::Deletions => "deletions",
            Self::Notes => "notes",
        }
    }
}

/// The format that this build reads and writes.
pub(super) const THIS_FORMAT: u32 = 1;

/// What is true of the whole store. Every format begins with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) format: u32,
    /// The embedding space.
    pub(super) fingerprint: u64,
    /// The origin of the store's own keys.
    pub(super) origin: u32,
    /// The counter of the next key.
    pub(super) next_counter: u32,
    /// Changes so far.
    pub(super) revision: u64,
    /// How words became terms: see [`lexicon`](super::record::lexicon).
    pub(super) lexicon: u32,
}

/// A key as tables keep it.
pub(super) fn pack(key: Key) -> u64 {
    u64::from(key.origin) << 32 | u64::from(key.counter)
}

/// The key that [`pack`] packed.
pub(super) fn unpack(packed: u64) -> Key {
    Key {
        origin: (packed >> 32) as u32,
        counter: packed as u32,
    }
}

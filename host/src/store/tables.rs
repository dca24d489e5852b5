//! What lies where in a store: six tables of [`Row`]s to [frames](super::frame).
//!
//! | table | row | payload (postcard) |
//! |---|---|---|
//! | [`Table::Head`] | 0, 0 | [`Head`]: what is true of the whole store; rewritten by every change |
//! | [`Table::Owners`] | owner, 0 | the owner's name, if it is known |
//! | [`Table::Memories`] | owner, key | [`StoredMemory`](super::record::StoredMemory) |
//! | [`Table::Deletions`] | owner, key | [`StoredDeletion`](super::record::StoredDeletion) |
//! | [`Table::Encodings`] | owner, key | [`Encoding`](super::record::Encoding): see [`reencode`](super::reencode) |
//! | [`Table::Notes`] | 0, its number | bytes that a service keeps: it alone knows what they are |
//!
//! A key is `origin x 2^32 + counter`. All rows of an owner lie together, so that they are read without
//! those of others. A deletion whose memory was never here has the owner [`NOBODY`].

use memt_core::slot::{Key, Owner};
use serde::{Deserialize, Serialize};

/// Whose the deletions of unknown memories are.
pub(super) const NOBODY: Owner = Owner(1 << 62);

/// Where a row lies in its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// Whose it is.
    pub owner: Owner,
    /// Which one of the owner's.
    pub key: u64,
}

impl Row {
    /// The only row of [`Table::Head`].
    pub(super) const HEAD: Self = Self {
        owner: Owner(0),
        key: 0,
    };

    /// The row of an owner itself.
    pub(super) fn of_owner(owner: Owner) -> Self {
        Self { owner, key: 0 }
    }

    /// The row of a note of a service.
    pub(super) fn of_note(number: u64) -> Self {
        Self {
            owner: Owner(0),
            key: number,
        }
    }

    /// The row of a memory.
    pub(super) fn of(owner: Owner, key: Key) -> Self {
        Self {
            owner,
            key: u64::from(key.origin) << 32 | u64::from(key.counter),
        }
    }

    /// The key of the memory in this row.
    pub(super) fn memory(self) -> Key {
        Key {
            origin: (self.key >> 32) as u32,
            counter: self.key as u32,
        }
    }
}

impl core::fmt::Display for Row {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{} of owner {}", self.memory(), self.owner.0)
    }
}

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
    /// Embeddings of memories by a model that the store changes to.
    Encodings,
    /// What a service keeps besides.
    Notes,
}

impl Table {
    /// All of them, in the order of reading.
    pub const ALL: [Self; 6] = [
        Self::Head,
        Self::Owners,
        Self::Encodings,
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
            Self::Encodings => "encodings",
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
}

impl Head {
    /// What holds after two changes, in whichever order they come.
    pub(super) fn later(self, other: Self) -> Self {
        let newest = if other.revision > self.revision {
            other
        } else {
            self
        };
        Self {
            next_counter: self.next_counter.max(other.next_counter),
            ..newest
        }
    }
}

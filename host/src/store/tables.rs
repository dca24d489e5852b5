//! What lies where in a bank file.
//!
//! | table | key | value |
//! |---|---|---|
//! | `facts` | name of a number | the number: [`FORMAT`], [`FINGERPRINT`], [`ORIGIN`], [`NEXT_COUNTER`] |
//! | `memories` | key of the memory | postcard [`MemoryRecord`](memt_core::snapshot::MemoryRecord), metadata included |
//! | `owners` | owner | name |
//! | `external ids` | owner, id | key of the memory |
//! | `deletions` | key of the memory | time in seconds since 1970 |
//!
//! A key is `origin x 2^32 + counter`.

use memt_core::slot::Key;
use redb::TableDefinition;

/// Numbers about the whole file.
pub(super) const FACTS: TableDefinition<'_, &str, u64> = TableDefinition::new("facts");

/// Records of memories.
pub(super) const MEMORIES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("memories");

/// Names of owners.
pub(super) const OWNERS: TableDefinition<'_, u64, &str> = TableDefinition::new("owners");

/// Ids that callers gave.
pub(super) const EXTERNAL_IDS: TableDefinition<'_, (u64, &str), u64> =
    TableDefinition::new("external ids");

/// Memories that were forgotten on purpose.
pub(super) const DELETIONS: TableDefinition<'_, u64, u64> = TableDefinition::new("deletions");

/// The format of the file.
pub(super) const FORMAT: &str = "format";

/// The embedding space.
pub(super) const FINGERPRINT: &str = "fingerprint";

/// The origin of the file's own keys.
pub(super) const ORIGIN: &str = "origin";

/// The counter of the next key.
pub(super) const NEXT_COUNTER: &str = "next counter";

/// The format that this build reads and writes.
pub(super) const THIS_FORMAT: u64 = 1;

/// A key as the file keeps it.
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

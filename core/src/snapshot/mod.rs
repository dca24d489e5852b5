//! A bank in transit: the `.slots` format.
//!
//! ```text
//!  header   0        8     10     12      16            24       28      32
//!           | magic  | ver | zero | count | fingerprint | zero   | CRC32 |
//!  record   0        4                    4 + n         8 + n
//!           | n      | postcard Record    | CRC32       |               count times
//!  trailer  0        4       8            12
//!           | ~0     | count | CRC32      |
//! ```
//!
//! All numbers are little-endian. The header's CRC-32 (ISO-HDLC) covers its first 28 bytes, a
//! record's its postcard bytes, the trailer's everything before it. A writer needs one record's
//! bytes at a time, and so does a reader.

mod import;
mod read;
mod record;
mod write;

pub use import::{ImportError, ImportReport, import};
pub use read::{Header, ReadError, Reader, record_from};
pub use record::{MemoryRecord, Record};
pub use write::{WriteError, Writer};

use core::ops::Range;
use crc::{CRC_32_ISO_HDLC, Crc};

/// First bytes of every snapshot.
pub const MAGIC: [u8; 8] = *b"\x8Dslots\r\n";

/// The format that this crate reads and writes.
pub const VERSION: u16 = 1;

/// Bytes before the first record.
pub const HEADER_BYTES: usize = 32;

/// Bytes of a record besides its postcard bytes.
pub const RECORD_OVERHEAD: usize = 8;

/// Bytes after the last record.
pub const TRAILER_BYTES: usize = 12;

/// Stands where a record's length would, before the trailer.
const TRAILER_MARK: u32 = u32::MAX;

mod field {
    use super::Range;
    pub(super) const MAGIC: Range<usize> = 0..8;
    pub(super) const VERSION: Range<usize> = 8..10;
    pub(super) const COUNT: Range<usize> = 12..16;
    pub(super) const FINGERPRINT: Range<usize> = 16..24;
    pub(super) const HEADER_CRC: Range<usize> = 28..32;
    pub(super) const RECORD_LENGTH: Range<usize> = 0..4;
    pub(super) const TRAILER_COUNT: Range<usize> = 4..8;
    pub(super) const TRAILER_CRC: Range<usize> = 8..12;
}

static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

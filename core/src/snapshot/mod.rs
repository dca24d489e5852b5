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
pub use record::{JudgementRecord, MemoryRecord, Record, RecordError};
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

pub(crate) static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Bank, Deletion};
    use crate::embedding::{DIMENSIONS, Embedding};
    use crate::encoder::Fingerprint;
    use crate::slot::{Factor, Key, Owner, Timestamp};
    use crate::write::{NewMemory, WhenFull};
    use std::vec::Vec;

    type SmallBank = Bank<4, 32, 8>;

    const DELETION: Deletion = Deletion {
        key: Key {
            origin: 9,
            counter: 9,
        },
        time: Timestamp(77),
    };

    fn bank() -> SmallBank {
        let mut bank = SmallBank::new();
        bank.bind(Fingerprint(7)).unwrap();
        for (text, time) in [("red valve", 20), ("blue pump", 10)] {
            let memory = NewMemory {
                owner: Owner(3),
                text,
                embedding: &Embedding([time; DIMENSIONS]),
                created: Timestamp(time as u32),
                importance: Factor::ONE,
            };
            bank.add(&memory, WhenFull::Refuse).unwrap();
        }
        bank
    }

    fn written(bank: &SmallBank) -> Vec<u8> {
        let mut buffer = [0xa5; 512];
        let (mut writer, header) = Writer::begin(Fingerprint(7), 3);
        let mut bytes = Vec::from(header);
        for slot in bank.owned_by(None) {
            let record = Record::Memory(MemoryRecord::of(slot, b"meta"));
            bytes.extend(writer.record(&record, &mut buffer).unwrap());
        }
        bytes.extend(
            writer
                .record(&Record::Deletion(DELETION), &mut buffer)
                .unwrap(),
        );
        bytes.extend(writer.finish().unwrap());
        bytes
    }

    #[test]
    fn a_bank_survives_the_journey() {
        let (origin, mut arrived) = (bank(), SmallBank::new());
        let report = import(&mut arrived, &written(&origin), 0).unwrap();
        assert_eq!(
            (report.added, report.deletions, report.metadata_bytes),
            (2, 1, 8)
        );
        let [before, after] = [&origin, &arrived].map(|bank| -> Vec<_> {
            let slots = bank.owned_by(None);
            slots
                .map(|slot| (*slot.facts, slot.text.len(), *slot.embedding))
                .collect()
        });
        assert_eq!(before, after);
        let again = import(&mut arrived, &written(&origin), 0).unwrap();
        assert_eq!((again.added, again.known), (0, 2));
        assert_eq!(arrived.deletions().count(), 1);
    }

    #[test]
    fn an_import_resumes_at_a_record() {
        let mut arrived = SmallBank::new();
        let report = import(&mut arrived, &written(&bank()), 1).unwrap();
        assert_eq!((report.records, report.added), (3, 1));
    }

    #[test]
    fn every_damage_is_noticed() {
        let whole = written(&bank());
        assert!(Reader::check(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(Reader::check(&whole[..length]).is_err(), "cut to {length}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            assert!(Reader::check(&damaged).is_err(), "flipped at {at}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert_eq!(Reader::check(&longer), Err(ReadError::Excess { bytes: 1 }));
    }

    #[test]
    fn a_writer_keeps_its_word() {
        let (writer, _) = Writer::begin(Fingerprint(7), 1);
        assert!(writer.clone().finish().is_err());
        let mut writer = writer;
        let record = Record::Deletion(DELETION);
        assert_eq!(
            writer.record(&record, &mut [0; 9]),
            Err(WriteError::BufferTooSmall { bytes: 9 })
        );
        writer.record(&record, &mut [0; 64]).unwrap();
        assert!(writer.record(&record, &mut [0; 64]).is_err());
    }

    #[test]
    fn another_model_is_refused() {
        let (writer, header) = Writer::begin(Fingerprint(8), 0);
        let mut bytes = Vec::from(header);
        bytes.extend(writer.finish().unwrap());
        let refused = import(&mut bank(), &bytes, 0);
        assert!(matches!(refused, Err(ImportError::OtherModel(_))));
        assert!(import(&mut SmallBank::new(), &bytes, 0).is_ok());
    }
}

//! Reading a snapshot: nothing in its bytes is believed before it is checked.

use super::{
    CRC32, HEADER_BYTES, MAGIC, RECORD_OVERHEAD, Record, TRAILER_BYTES, TRAILER_MARK, VERSION,
    field,
};
use crate::encoder::Fingerprint;
use core::ops::Range;

/// Why bytes are not a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// Fewer bytes than needed.
    Truncated {
        /// Bytes there are.
        bytes: usize,
        /// Bytes that had to be there.
        needed: usize,
    },
    /// Not a snapshot at all.
    Magic,
    /// Written by another version of the format.
    Version(u16),
    /// The header was changed after it was written.
    HeaderChecksum,
    /// A record was changed after it was written.
    RecordChecksum {
        /// Its number, from 0.
        record: u32,
    },
    /// A record's bytes are not a record.
    Record {
        /// Its number, from 0.
        record: u32,
    },
    /// The records and their number do not agree.
    Count {
        /// What header or trailer says.
        stated: u32,
        /// Records found.
        found: u32,
    },
    /// The whole was changed after it was written.
    TrailerChecksum,
    /// Bytes after the trailer.
    Excess {
        /// How many.
        bytes: usize,
    },
}

impl core::fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Truncated { bytes, needed } => write!(
                formatter,
                "snapshot ends early: {bytes} bytes where {needed} are needed"
            ),
            Self::Magic => {
                formatter.write_str("not a snapshot (it does not begin with memt's mark)")
            }
            Self::Version(version) => write!(
                formatter,
                "snapshot has format {version}, this build reads format {VERSION}"
            ),
            Self::HeaderChecksum => formatter.write_str("snapshot header is damaged"),
            Self::RecordChecksum { record } => {
                write!(formatter, "snapshot record {record} is damaged")
            }
            Self::Record { record } => {
                write!(formatter, "snapshot record {record} is not readable")
            }
            Self::Count { stated, found } => write!(
                formatter,
                "snapshot states {stated} records and has {found}"
            ),
            Self::TrailerChecksum => {
                formatter.write_str("snapshot is damaged: its checksum does not match")
            }
            Self::Excess { bytes } => write!(
                formatter,
                "snapshot is followed by {bytes} bytes that do not belong to it"
            ),
        }
    }
}

impl core::error::Error for ReadError {}

/// What a snapshot says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Records to come.
    pub count: u32,
    /// The embedding space of its memories.
    pub fingerprint: Fingerprint,
}

impl Header {
    /// Reads the first [`HEADER_BYTES`] bytes of a snapshot.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        require(bytes, HEADER_BYTES)?;
        if bytes[field::MAGIC] != MAGIC {
            return Err(ReadError::Magic);
        }
        if u32_at(bytes, field::HEADER_CRC) != CRC32.checksum(&bytes[..field::HEADER_CRC.start]) {
            return Err(ReadError::HeaderChecksum);
        }
        let version =
            u16::from_le_bytes([bytes[field::VERSION.start], bytes[field::VERSION.start + 1]]);
        if version != VERSION {
            return Err(ReadError::Version(version));
        }
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&bytes[field::FINGERPRINT]);
        Ok(Self {
            count: u32_at(bytes, field::COUNT),
            fingerprint: Fingerprint(u64::from_le_bytes(fingerprint)),
        })
    }
}

/// Reads the record at the start of `bytes` and says how many bytes it takes. `number` is for the
/// error.
pub fn record_from(bytes: &[u8], number: u32) -> Result<(Record<'_>, usize), ReadError> {
    require(bytes, RECORD_OVERHEAD)?;
    let length = u32_at(bytes, field::RECORD_LENGTH) as usize;
    let end = length.saturating_add(RECORD_OVERHEAD);
    require(bytes, end)?;
    let payload = &bytes[field::RECORD_LENGTH.end..end - 4];
    if u32_at(bytes, end - 4..end) != CRC32.checksum(payload) {
        return Err(ReadError::RecordChecksum { record: number });
    }
    let unreadable = ReadError::Record { record: number };
    match postcard::take_from_bytes(payload) {
        Ok((record, [])) => Ok((record, end)),
        _ => Err(unreadable),
    }
}

/// A whole snapshot in memory, record by record; checks the trailer after the last one.
#[derive(Clone, Debug)]
pub struct Reader<'b> {
    whole: &'b [u8],
    header: Header,
    at: usize,
    read: u32,
    failed: bool,
}

impl<'b> Reader<'b> {
    /// Checks the header.
    pub fn open(whole: &'b [u8]) -> Result<Self, ReadError> {
        Ok(Self {
            whole,
            header: Header::read(whole)?,
            at: HEADER_BYTES,
            read: 0,
            failed: false,
        })
    }

    /// Reads the whole snapshot once without keeping anything, and checks every byte of it.
    pub fn check(whole: &'b [u8]) -> Result<Header, ReadError> {
        let reader = Self::open(whole)?;
        let header = reader.header;
        for record in reader {
            record?;
        }
        Ok(header)
    }

    /// What the snapshot says of itself.
    pub fn header(&self) -> Header {
        self.header
    }

    fn finish(&self) -> Result<(), ReadError> {
        let trailer = &self.whole[self.at..];
        require(trailer, TRAILER_BYTES)?;
        let stated = u32_at(trailer, field::TRAILER_COUNT);
        if u32_at(trailer, field::RECORD_LENGTH) != TRAILER_MARK || stated != self.read {
            return Err(ReadError::Count {
                stated,
                found: self.read,
            });
        }
        let covered = &self.whole[..self.at + field::TRAILER_CRC.start];
        if u32_at(trailer, field::TRAILER_CRC) != CRC32.checksum(covered) {
            return Err(ReadError::TrailerChecksum);
        }
        match trailer.len() - TRAILER_BYTES {
            0 => Ok(()),
            bytes => Err(ReadError::Excess { bytes }),
        }
    }
}

impl<'b> Iterator for Reader<'b> {
    type Item = Result<Record<'b>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        if self.read == self.header.count {
            self.failed = true;
            return self.finish().err().map(Err);
        }
        match record_from(&self.whole[self.at..], self.read) {
            Ok((record, bytes)) => {
                self.at += bytes;
                self.read += 1;
                Some(Ok(record))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

fn require(bytes: &[u8], needed: usize) -> Result<(), ReadError> {
    let bytes = bytes.len();
    if bytes < needed {
        return Err(ReadError::Truncated { bytes, needed });
    }
    Ok(())
}

fn u32_at(bytes: &[u8], range: Range<usize>) -> u32 {
    let mut buffer = [0; 4];
    buffer.copy_from_slice(&bytes[range]);
    u32::from_le_bytes(buffer)
}

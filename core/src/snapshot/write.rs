//! Writing a snapshot, a record at a time.

use super::{
    CRC32, HEADER_BYTES, MAGIC, RECORD_OVERHEAD, Record, TRAILER_BYTES, TRAILER_MARK, VERSION,
    field,
};
use crate::encoder::Fingerprint;
use crc::{Digest, Table};

/// Why a record was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The buffer is too small for the record.
    BufferTooSmall {
        /// Bytes of the buffer.
        bytes: usize,
    },
    /// More or fewer records than the header announced.
    Count {
        /// Announced.
        announced: u32,
        /// Written, or about to be.
        written: u32,
    },
}

impl core::fmt::Display for WriteError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::BufferTooSmall { bytes } => {
                write!(
                    formatter,
                    "a buffer of {bytes} bytes is too small for the record"
                )
            }
            Self::Count { announced, written } => {
                write!(
                    formatter,
                    "{announced} records were announced, {written} written"
                )
            }
        }
    }
}

impl core::error::Error for WriteError {}

/// A snapshot being written; the caller sends the bytes on.
#[derive(Clone)]
pub struct Writer {
    announced: u32,
    written: u32,
    digest: Digest<'static, u32, Table<1>>,
}

impl core::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Writer")
            .field("announced", &self.announced)
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins a snapshot of `count` records; the header is its first bytes.
    pub fn begin(fingerprint: Fingerprint, count: u32) -> (Self, [u8; HEADER_BYTES]) {
        let mut header = [0; HEADER_BYTES];
        header[field::MAGIC].copy_from_slice(&MAGIC);
        header[field::VERSION].copy_from_slice(&VERSION.to_le_bytes());
        header[field::COUNT].copy_from_slice(&count.to_le_bytes());
        header[field::FINGERPRINT].copy_from_slice(&fingerprint.0.to_le_bytes());
        let crc = CRC32.checksum(&header[..field::HEADER_CRC.start]);
        header[field::HEADER_CRC].copy_from_slice(&crc.to_le_bytes());
        let mut digest = CRC32.digest();
        digest.update(&header);
        let writer = Self {
            announced: count,
            written: 0,
            digest,
        };
        (writer, header)
    }

    /// The bytes of the next record, in `buffer`.
    pub fn record<'b>(
        &mut self,
        record: &Record<'_>,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], WriteError> {
        if self.written == self.announced {
            return Err(self.miscounted(self.written.saturating_add(1)));
        }
        let bytes = buffer.len();
        let too_small = WriteError::BufferTooSmall { bytes };
        let room = bytes.checked_sub(RECORD_OVERHEAD).ok_or(too_small)?;
        let start = field::RECORD_LENGTH.end;
        let payload = postcard::to_slice(record, &mut buffer[start..start + room]);
        let length = payload.map_err(|_| too_small)?.len();
        let crc = CRC32.checksum(&buffer[start..start + length]);
        buffer[field::RECORD_LENGTH].copy_from_slice(&(length as u32).to_le_bytes());
        buffer[start + length..start + length + 4].copy_from_slice(&crc.to_le_bytes());
        let written = &buffer[..length + RECORD_OVERHEAD];
        self.digest.update(written);
        self.written += 1;
        Ok(written)
    }

    /// The last bytes of the snapshot.
    pub fn finish(mut self) -> Result<[u8; TRAILER_BYTES], WriteError> {
        if self.written != self.announced {
            return Err(self.miscounted(self.written));
        }
        let mut trailer = [0; TRAILER_BYTES];
        trailer[field::RECORD_LENGTH].copy_from_slice(&TRAILER_MARK.to_le_bytes());
        trailer[field::TRAILER_COUNT].copy_from_slice(&self.written.to_le_bytes());
        self.digest.update(&trailer[..field::TRAILER_CRC.start]);
        trailer[field::TRAILER_CRC].copy_from_slice(&self.digest.finalize().to_le_bytes());
        Ok(trailer)
    }

    fn miscounted(&self, written: u32) -> WriteError {
        WriteError::Count {
            announced: self.announced,
            written,
        }
    }
}

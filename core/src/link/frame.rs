//! Messages to frames and back.

use super::message::Message;
use crate::snapshot::CRC32;

/// Begins and ends a frame.
pub const MARK: u8 = 0;

/// Bytes of a checksum.
const CRC_BYTES: usize = 4;

/// Bytes of a frame besides its message, when that has up to 250: two marks, a checksum and a code of
/// COBS, which is needed once more for every further 254.
pub const FRAME_OVERHEAD: usize = 2 + CRC_BYTES + 1;

/// Why bytes are no frame, or a message does not become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The message does not fit the buffer.
    TooLong {
        /// Bytes of the buffer, of which the frame may take half.
        room: usize,
    },
    /// The bytes are not what COBS makes.
    Stuffing,
    /// The bytes were changed on their way.
    Checksum,
    /// The bytes arrived whole and are no message that this build knows.
    Message,
}

impl core::fmt::Display for FrameError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooLong { room } => {
                write!(
                    formatter,
                    "message does not fit a buffer of {room} bytes twice"
                )
            }
            Self::Stuffing => formatter.write_str("frame is not COBS"),
            Self::Checksum => formatter.write_str("frame was damaged on its way"),
            Self::Message => formatter.write_str("frame holds no message that is known here"),
        }
    }
}

impl core::error::Error for FrameError {}

/// The frame of a message, marks included, somewhere in `buffer`, which must hold it twice.
// Inline, as `decode` is, so that the codec is compiled where it is used: for size on a chip, whose core is compiled for speed.
#[inline]
pub fn encode<'b>(message: &Message<'_>, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    let room = buffer.len();
    let too_long = FrameError::TooLong { room };
    let (frame, plain) = buffer.split_at_mut(room / 2);
    let length = postcard::to_slice(message, plain)
        .map_err(|_| too_long)?
        .len();
    let crc = CRC32.checksum(&plain[..length]).to_le_bytes();
    let end = length + CRC_BYTES;
    plain
        .get_mut(length..end)
        .ok_or(too_long)?
        .copy_from_slice(&crc);
    let inside = frame.get_mut(1..).ok_or(too_long)?;
    let stuffed = cobs::try_encode(&plain[..end], inside).map_err(|_| too_long)?;
    *inside.get_mut(stuffed).ok_or(too_long)? = MARK;
    frame[0] = MARK;
    Ok(&frame[..stuffed + 2])
}

/// The message between two marks, which borrows from `inside`.
#[inline]
pub fn decode(inside: &mut [u8]) -> Result<Message<'_>, FrameError> {
    let length = cobs::decode_in_place(inside).map_err(|_| FrameError::Stuffing)?;
    let whole = &inside[..length];
    let (plain, crc) = whole
        .split_last_chunk::<CRC_BYTES>()
        .ok_or(FrameError::Checksum)?;
    if CRC32.checksum(plain) != u32::from_le_bytes(*crc) {
        return Err(FrameError::Checksum);
    }
    match postcard::take_from_bytes(plain) {
        Ok((message, [])) => Ok(message),
        _ => Err(FrameError::Message),
    }
}

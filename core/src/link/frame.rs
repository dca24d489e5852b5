//! Messages to frames and back.

use super::message::{Message, Reply, Request};
use crate::snapshot::CRC32;
use serde::{Deserialize, Serialize};

/// Begins and ends a frame.
pub const MARK: u8 = 0;

/// Bytes of a checksum.
const CRC_BYTES: usize = 4;

/// First byte of a [`Message::Request`] in postcard.
const REQUEST: u8 = 0;

/// First byte of a [`Message::Reply`].
const REPLY: u8 = 1;

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
pub fn encode<'b>(message: &Message<'_>, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    encode_any(message, buffer)
}

/// As [`encode`] of [`Message::Reply`], without the code for requests, which a device never sends.
// Inline, as `decode_request` is, so that the codec is compiled where it is used: for size on a chip, whose core is compiled for speed.
#[inline]
pub fn encode_reply<'b>(reply: &Reply<'_>, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    encode_any(&(REPLY, reply), buffer)
}

/// The message between two marks, which borrows from `inside`.
pub fn decode(inside: &mut [u8]) -> Result<Message<'_>, FrameError> {
    message(open(inside)?)
}

/// As [`decode`], without the code for replies, which a device never receives: `None` if it is one.
#[inline]
pub fn decode_request(inside: &mut [u8]) -> Result<Option<Request<'_>>, FrameError> {
    match open(inside)?.split_first() {
        Some((&REQUEST, request)) => message(request).map(Some),
        Some((&REPLY, _)) => Ok(None),
        _ => Err(FrameError::Message),
    }
}

#[inline]
fn encode_any<'b>(message: &impl Serialize, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    let room = buffer.len();
    let (frame, plain) = buffer.split_at_mut(room / 2);
    let written = postcard::to_slice(message, plain).map(|written| written.len());
    let length = written.map_err(|_| FrameError::TooLong { room })?;
    close(frame, plain, length).ok_or(FrameError::TooLong { room })
}

/// Makes a frame of the first `length` bytes of `plain`.
#[inline]
fn close<'b>(frame: &'b mut [u8], plain: &mut [u8], length: usize) -> Option<&'b [u8]> {
    let crc = CRC32.checksum(&plain[..length]).to_le_bytes();
    let end = length + CRC_BYTES;
    plain.get_mut(length..end)?.copy_from_slice(&crc);
    let inside = frame.get_mut(1..)?;
    let stuffed = cobs::try_encode(&plain[..end], inside).ok()?;
    *inside.get_mut(stuffed)? = MARK;
    frame[0] = MARK;
    Some(&frame[..stuffed + 2])
}

/// The bytes of the message between two marks.
#[inline]
fn open(inside: &mut [u8]) -> Result<&[u8], FrameError> {
    let length = cobs::decode_in_place(inside).map_err(|_| FrameError::Stuffing)?;
    let whole = &inside[..length];
    let (plain, crc) = whole
        .split_last_chunk::<CRC_BYTES>()
        .ok_or(FrameError::Checksum)?;
    match CRC32.checksum(plain) == u32::from_le_bytes(*crc) {
        true => Ok(plain),
        false => Err(FrameError::Checksum),
    }
}

#[inline]
fn message<'m, M: Deserialize<'m>>(plain: &'m [u8]) -> Result<M, FrameError> {
    match postcard::take_from_bytes(plain) {
        Ok((message, [])) => Ok(message),
        _ => Err(FrameError::Message),
    }
}

//! What the store is.

use super::read::word;
use super::write::Writing;
use memt_core::encoder::Fingerprint;
use sequential_storage::map::{SerializationError, Value};

/// The map's key of [`Identity`].
pub(in crate::store) const IDENTITY: u16 = u16::MAX;

/// The format that this build reads and writes.
pub(in crate::store) const FORMAT: u8 = 2;

/// What the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    pub(in crate::store) format: u8,
    /// The origin of the bank's keys.
    pub(in crate::store) origin: u32,
    /// The image that the device encodes with, if it is not the one in the program.
    pub(in crate::store) model: Option<ChosenModel>,
}

/// An image in the second region of flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenModel {
    /// Its bytes, from the start of the region.
    pub bytes: u32,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

const ORIGIN_AT: usize = 1;
const MODEL_BYTES_AT: usize = 5;
const FINGERPRINT_AT: usize = 9;

/// Bytes of an identity.
const IDENTITY_BYTES: usize = 17;

impl Identity {
    /// Reads an identity; `None` if it is none that a build writes.
    pub(in crate::store) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; IDENTITY_BYTES] = bytes.try_into().ok()?;
        let model = ChosenModel {
            bytes: word(bytes, MODEL_BYTES_AT),
            fingerprint: Fingerprint(
                u64::from(word(bytes, FINGERPRINT_AT + 4)) << 32
                    | u64::from(word(bytes, FINGERPRINT_AT)),
            ),
        };
        Some(Self {
            format: bytes[0],
            origin: word(bytes, ORIGIN_AT),
            model: (model.bytes > 0).then_some(model),
        })
    }
}

impl<'a> Value<'a> for Identity {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let mut bytes = Writing { buffer, written: 0 };
        let none = ChosenModel {
            bytes: 0,
            fingerprint: Fingerprint(0),
        };
        let model = self.model.unwrap_or(none);
        bytes.put(&[self.format])?;
        bytes.word(self.origin)?;
        bytes.word(model.bytes)?;
        bytes.put(&model.fingerprint.0.to_le_bytes())?;
        Ok(bytes.written)
    }

    fn deserialize_from(buffer: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        let identity = Self::read(buffer).ok_or(SerializationError::InvalidFormat)?;
        Ok((identity, buffer.len()))
    }
}

/// Half of a fingerprint: enough to see that a model is another one.
pub(in crate::store) fn half(fingerprint: Fingerprint) -> u32 {
    fingerprint.0 as u32
}

//! What lies in flash under a key of the map.
//!
//! Postcard, one item a key. Keys 0 to `slots + 31` are places: each holds a memory or a deletion, and
//! the newest item of a place replaces the older ones in one write. Key [`IDENTITY`] holds what the
//! store is.

use memt_core::bank::Deletion;
use memt_core::encoder::Fingerprint;
use memt_core::slot::{Facts, SlotView};
use sequential_storage::map::{SerializationError, Value};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

/// The map's key of [`Identity`].
pub(super) const IDENTITY: u16 = u16::MAX;

/// The format that this build reads and writes.
pub(super) const FORMAT: u8 = 1;

/// What the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) format: u8,
    /// The origin of the bank's keys.
    pub(super) origin: u32,
    /// The image that the device encodes with, if it is not the one in the program.
    pub(super) model: Option<ChosenModel>,
}

/// An image in the second region of flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenModel {
    /// Its bytes, from the start of the region.
    pub bytes: u32,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// When an item was written. The newest item always carries the largest of both numbers, so neither is
/// ever lost, whatever else is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Grows with every item.
    pub(super) sequence: u32,
    /// The bank's next key.
    pub(super) next_counter: u32,
}

/// An item of a place, as read.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Item<'i, H> {
    Memory {
        stamp: Stamp,
        /// Half of the fingerprint of the model that encoded it.
        model: u32,
        facts: Facts,
        text: &'i str,
        embedding: &'i [u8],
        /// The terms' hashes, little-endian, and counts. None where they would make the item longer
        /// than the longest text makes it: the text gives them again.
        hashes: H,
        counts: &'i [u8],
    },
    Deletion {
        stamp: Stamp,
        deletion: Deletion,
        /// Deletions that the bank no longer remembers.
        lost: u32,
    },
}

/// Hashes about to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hashes<'h>(pub(super) &'h [u32]);

impl Serialize for Hashes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = serializer.serialize_seq(Some(4 * self.0.len()))?;
        for byte in self.0.iter().flat_map(|hash| hash.to_le_bytes()) {
            bytes.serialize_element(&byte)?;
        }
        bytes.end()
    }
}

/// Bytes of an item besides the text or the terms in its place, at most.
pub(super) const OVERHEAD: usize = 192;

/// A memory about to be written; with its terms if these and the text have `room`.
pub(super) fn memory<'i>(
    slot: SlotView<'i>,
    stamp: Stamp,
    model: u32,
    room: usize,
) -> Item<'i, Hashes<'i>> {
    let fit = slot.text.len() + 5 * slot.terms.hashes.len() <= room;
    let terms = if fit { slot.terms } else { Default::default() };
    Item::Memory {
        stamp,
        model,
        facts: *slot.facts,
        text: slot.text,
        embedding: slot.embedding.as_bytes(),
        hashes: Hashes(terms.hashes),
        counts: terms.counts,
    }
}

impl<'a> Value<'a> for Item<'_, Hashes<'_>> {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let written = postcard::to_slice(self, buffer);
        written
            .map(|bytes| bytes.len())
            .map_err(|_| SerializationError::BufferTooSmall)
    }

    fn deserialize_from(_: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        // What is read borrows its hashes as bytes: `Item<'_, &[u8]>`.
        Err(SerializationError::InvalidFormat)
    }
}

impl<'a> Value<'a> for Identity {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let written = postcard::to_slice(self, buffer);
        written
            .map(|bytes| bytes.len())
            .map_err(|_| SerializationError::BufferTooSmall)
    }

    fn deserialize_from(buffer: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        match postcard::take_from_bytes(buffer) {
            Ok((identity, rest)) => Ok((identity, buffer.len() - rest.len())),
            Err(_) => Err(SerializationError::InvalidFormat),
        }
    }
}

/// Half of a fingerprint: enough to see that a model is another one.
pub(super) fn half(fingerprint: Fingerprint) -> u32 {
    fingerprint.0 as u32
}

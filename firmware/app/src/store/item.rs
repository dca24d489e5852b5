//! What lies in flash under a key of the map.
//!
//! One item a key. Keys from `slots + 32` on are places of judged questions; one whose judgement was taken back holds the first
//! 10 bytes only. Keys 0 to `slots + 31` are places: each holds a memory or a deletion, and the newest item of a place
//! replaces the older ones in one write. Key [`IDENTITY`] holds what the store is.
//!
//! ```text
//!  memory    0      2       10      14    22      26        30        34             38
//!            | kind | stamp | model | key | owner | created | factors | squared norm | ...
//!            38          166
//!            | embedding | upper owner | accessed, accesses | n hashes | n counts | text |
//!  deletion  0   2       10    18     22     26
//!            | 2 | stamp | key | time | lost |
//!  judgement 0   2       10      14    22     26       28
//!            | 3 | stamp | model | key | time | weight | question |
//!  identity  0        1        5             9             17
//!            | format | origin | model bytes | fingerprint |
//! ```
//!
//! A memory's kind is 1, n from bit [`TERMS_SHIFT`] on, [`WIDE`] where the upper half of its owner is not 0, [`READ`] where it was accessed
//! since it was created, and [`ONCE`] where each count is 1: what is not needed is not there. All numbers are little-endian. The map writes two bytes of its key before an item, so the embedding begins at a multiple of four:
//! it is copied by words. An identity without a chosen model has 0 model bytes.

use memt_core::bank::Deletion;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::encoder::Fingerprint;
use memt_core::feedback::{Judgement, Weight};
use memt_core::overlap::Terms;
use memt_core::slot::{Factor, Facts, Key, Owner, SlotView, Timestamp};
use sequential_storage::map::{SerializationError, Value};

/// The map's key of [`Identity`].
pub(super) const IDENTITY: u16 = u16::MAX;

/// The format that this build reads and writes.
pub(super) const FORMAT: u8 = 1;

/// What the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) format: u8,
    /// The origin of the bank's keys.
    pub(super) origin: u32,
    /// The image that the device encodes with, if it is not the one in the program.
    pub(super) model: Option<ChosenModel>,
}

/// An image in the second region of flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenModel {
    /// Its bytes, from the start of the region.
    pub bytes: u32,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// When an item was written. The newest item always carries the largest of both numbers, so neither is
/// ever lost, whatever else is overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Grows with every item.
    pub(super) sequence: u32,
    /// The bank's next key.
    pub(super) next_counter: u32,
}

/// An item of a place, as read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'i> {
    Memory(StoredMemory<'i>),
    Deletion(StoredDeletion),
}

/// A memory, as read.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredMemory<'i> {
    pub(super) stamp: Stamp,
    /// Half of the fingerprint of the model that encoded it.
    pub(super) model: u32,
    pub(super) facts: Facts,
    pub(super) squared_norm: u32,
    pub(super) text: &'i str,
    pub(super) embedding: &'i [u8],
    /// The terms' hashes, little-endian, and counts. None where they would make the item longer
    /// than the longest text makes it: the text gives them again.
    pub(super) hashes: &'i [u8],
    /// None where each is 1.
    pub(super) counts: Option<&'i [u8]>,
}

/// A deletion.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredDeletion {
    pub(super) stamp: Stamp,
    pub(super) deletion: Deletion,
    /// Deletions that the bank no longer remembers.
    pub(super) lost: u32,
}

/// A judged question, or that there is none any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredJudgement {
    pub(super) stamp: Stamp,
    /// Half of the fingerprint of the model that encoded the question.
    pub(super) model: u32,
    pub(super) judgement: Option<Judgement>,
}

/// First number of a memory.
const MEMORY: u16 = 1;

/// Bits of a kind that tell memories from deletions.
const KIND: u16 = 3;

/// Set in the kind of a memory whose owner takes more than 32 bits.
const WIDE: u16 = 1 << 2;

/// Set in the kind of a memory whose terms each occur once.
const ONCE: u16 = 1 << 3;

/// Set in the kind of a memory that was read or rehearsed.
const READ: u16 = 1 << 4;

/// Where the number of a memory's terms begins in its kind.
const TERMS_SHIFT: u32 = 5;

/// First number of a deletion.
const DELETION: u16 = 2;

/// First number of a judged question.
const JUDGEMENT: u16 = 3;

/// Bytes of a judged question before the embedding.
const JUDGEMENT_HEAD_BYTES: usize = 28;

/// Bytes of a judged question.
pub(super) const JUDGEMENT_BYTES: usize = JUDGEMENT_HEAD_BYTES + DIMENSIONS;

/// Bytes of an item before what it is about.
const START_BYTES: usize = 10;

/// Bytes of a memory before its embedding.
const HEAD_BYTES: usize = 38;

/// Bytes of a memory besides text and terms, at most.
pub(super) const OVERHEAD: usize = HEAD_BYTES + DIMENSIONS + 4 + 8;

/// Bytes of an identity.
const IDENTITY_BYTES: usize = 17;

/// Bytes of a deletion.
pub(super) const DELETION_BYTES: usize = 26;

impl<'i> Item<'i> {
    /// Reads an item; `None` if it is none that this build writes.
    pub(super) fn read(bytes: &'i [u8]) -> Option<Self> {
        match bytes.first_chunk().map(|kind| u16::from_le_bytes(*kind)) {
            Some(DELETION) => StoredDeletion::read(bytes).map(Self::Deletion),
            Some(kind) if kind & KIND == MEMORY => {
                StoredMemory::read(kind, bytes).map(Self::Memory)
            }
            _ => None,
        }
    }
}

impl<'i> StoredMemory<'i> {
    fn read(kind: u16, bytes: &'i [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<HEAD_BYTES>()?;
        let terms = usize::from(kind >> TERMS_SHIFT);
        let (embedding, mut rest) = rest.split_at_checked(DIMENSIONS)?;
        let mut owner = u64::from(word(head, 22));
        if kind & WIDE != 0 {
            let (upper, others) = rest.split_first_chunk::<4>()?;
            owner |= u64::from(word(upper, 0)) << 32;
            rest = others;
        }
        let created = Timestamp(word(head, 26));
        let (mut accessed, mut accesses) = (created, 0);
        if kind & READ != 0 {
            let (times, others) = rest.split_first_chunk::<8>()?;
            (accessed, accesses) = (Timestamp(word(times, 0)), word(times, 4));
            rest = others;
        }
        let (hashes, mut text) = rest.split_at_checked(4 * terms)?;
        let mut counts = None;
        if kind & ONCE == 0 {
            let (given, others) = text.split_at_checked(terms)?;
            counts = Some(given);
            text = others;
        }
        Some(Self {
            stamp: stamp(head),
            model: word(head, 10),
            facts: Facts {
                key: key(head, 14),
                owner: Owner(owner),
                created,
                accessed,
                accesses,
                strength: Factor(short(head, 30)),
                importance: Factor(short(head, 32)),
            },
            squared_norm: word(head, 34),
            embedding,
            hashes,
            counts,
            text: core::str::from_utf8(text).ok()?,
        })
    }
}

impl StoredDeletion {
    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; DELETION_BYTES] = bytes.try_into().ok()?;
        Some(Self {
            stamp: stamp(bytes),
            deletion: Deletion {
                key: key(bytes, 10),
                time: Timestamp(word(bytes, 18)),
            },
            lost: word(bytes, 22),
        })
    }
}

impl StoredJudgement {
    /// Reads an item; `None` if it is none that this build writes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let start: &[u8; START_BYTES] = bytes.first_chunk()?;
        let mut item = Self {
            stamp: stamp(start),
            model: 0,
            judgement: None,
        };
        if short(start, 0) != JUDGEMENT {
            return None;
        }
        if bytes.len() == START_BYTES {
            return Some(item);
        }
        let (head, question) = bytes.split_first_chunk::<JUDGEMENT_HEAD_BYTES>()?;
        item.model = word(head, 10);
        item.judgement = Some(Judgement {
            key: key(head, 14),
            question: Embedding::of_bytes(question)?,
            weight: Weight(short(head, 26) as i16).held(),
            time: Timestamp(word(head, 22)),
        });
        Some(item)
    }
}

#[inline(always)]
fn short<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
fn word<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline(always)]
fn key<const BYTES: usize>(bytes: &[u8; BYTES], at: usize) -> Key {
    Key {
        origin: word(bytes, at),
        counter: word(bytes, at + 4),
    }
}

#[inline(always)]
fn stamp<const BYTES: usize>(bytes: &[u8; BYTES]) -> Stamp {
    Stamp {
        sequence: word(bytes, 2),
        next_counter: word(bytes, 6),
    }
}

/// A memory about to be written.
pub(super) struct NewMemory<'i> {
    stamp: Stamp,
    model: u32,
    slot: SlotView<'i>,
    terms: Terms<'i>,
}

/// Most terms that a memory is written with.
const TERMS_MAX: usize = (u16::MAX >> TERMS_SHIFT) as usize;

/// A memory about to be written; with its terms if these and the text have `room`.
pub(super) fn memory(slot: SlotView<'_>, stamp: Stamp, model: u32, room: usize) -> NewMemory<'_> {
    let terms = slot.terms.hashes.len();
    let fit = slot.text.len() + 5 * terms <= room && terms <= TERMS_MAX;
    NewMemory {
        stamp,
        model,
        slot,
        terms: if fit { slot.terms } else { Default::default() },
    }
}

/// Room that is left to write to.
struct Writing<'b> {
    buffer: &'b mut [u8],
    written: usize,
}

impl Writing<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), SerializationError> {
        let end = self.written + bytes.len();
        let room = self.buffer.get_mut(self.written..end);
        room.ok_or(SerializationError::BufferTooSmall)?
            .copy_from_slice(bytes);
        self.written = end;
        Ok(())
    }

    fn short(&mut self, number: u16) -> Result<(), SerializationError> {
        self.put(&number.to_le_bytes())
    }

    fn word(&mut self, number: u32) -> Result<(), SerializationError> {
        self.put(&number.to_le_bytes())
    }

    fn start(&mut self, kind: u16, stamp: Stamp) -> Result<(), SerializationError> {
        self.short(kind)?;
        self.word(stamp.sequence)?;
        self.word(stamp.next_counter)
    }

    fn key(&mut self, key: Key) -> Result<(), SerializationError> {
        self.word(key.origin)?;
        self.word(key.counter)
    }
}

impl<'a> Value<'a> for NewMemory<'_> {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let mut bytes = Writing { buffer, written: 0 };
        let facts = self.slot.facts;
        let upper_owner = (facts.owner.0 >> 32) as u32;
        let once = self.terms.counts.iter().all(|&count| count == 1);
        let wide = if upper_owner != 0 { WIDE } else { 0 };
        let once_bit = if once { ONCE } else { 0 };
        let terms = (self.terms.hashes.len() as u16) << TERMS_SHIFT;
        let read = facts.accessed != facts.created || facts.accesses != 0;
        let read_bit = if read { READ } else { 0 };
        let kind = MEMORY | wide | once_bit | read_bit | terms;
        bytes.start(kind, self.stamp)?;
        bytes.word(self.model)?;
        bytes.key(facts.key)?;
        bytes.word(facts.owner.0 as u32)?;
        bytes.word(facts.created.0)?;
        bytes.short(facts.strength.0)?;
        bytes.short(facts.importance.0)?;
        bytes.word(self.slot.squared_norm)?;
        bytes.put(self.slot.embedding.as_bytes())?;
        if upper_owner != 0 {
            bytes.word(upper_owner)?;
        }
        if read {
            bytes.word(facts.accessed.0)?;
            bytes.word(facts.accesses)?;
        }
        for &hash in self.terms.hashes {
            bytes.word(hash)?;
        }
        if !once {
            bytes.put(self.terms.counts)?;
        }
        bytes.put(self.slot.text.as_bytes())?;
        Ok(bytes.written)
    }

    fn deserialize_from(_: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        // All items are read together, as bytes: [`Item::read`].
        Err(SerializationError::InvalidFormat)
    }
}

impl<'a> Value<'a> for StoredDeletion {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let mut bytes = Writing { buffer, written: 0 };
        bytes.start(DELETION, self.stamp)?;
        bytes.key(self.deletion.key)?;
        bytes.word(self.deletion.time.0)?;
        bytes.word(self.lost)?;
        Ok(bytes.written)
    }

    fn deserialize_from(_: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        Err(SerializationError::InvalidFormat)
    }
}

impl<'a> Value<'a> for StoredJudgement {
    fn serialize_into(&self, buffer: &mut [u8]) -> Result<usize, SerializationError> {
        let mut bytes = Writing { buffer, written: 0 };
        bytes.start(JUDGEMENT, self.stamp)?;
        if let Some(judgement) = &self.judgement {
            bytes.word(self.model)?;
            bytes.key(judgement.key)?;
            bytes.word(judgement.time.0)?;
            bytes.short(judgement.weight.0 as u16)?;
            bytes.put(judgement.question.as_bytes())?;
        }
        Ok(bytes.written)
    }

    fn deserialize_from(_: &'a [u8]) -> Result<(Self, usize), SerializationError> {
        Err(SerializationError::InvalidFormat)
    }
}

impl Identity {
    /// Reads an identity; `None` if it is none that a build writes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; IDENTITY_BYTES] = bytes.try_into().ok()?;
        let model = ChosenModel {
            bytes: word(bytes, 5),
            fingerprint: Fingerprint(u64::from(word(bytes, 13)) << 32 | u64::from(word(bytes, 9))),
        };
        Some(Self {
            format: bytes[0],
            origin: word(bytes, 1),
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
pub(super) fn half(fingerprint: Fingerprint) -> u32 {
    fingerprint.0 as u32
}

//! Items into bytes, in the order that is drawn.

use super::{
    DELETION, JUDGEMENT, MEMORY, ONCE, READ, Stamp, StoredDeletion, StoredJudgement, TERMS_SHIFT,
    WIDE,
};
use memt_core::overlap::Terms;
use memt_core::slot::{Key, SlotView};
use sequential_storage::map::{SerializationError, Value};

/// A memory about to be written.
pub(in crate::store) struct NewMemory<'i> {
    stamp: Stamp,
    model: u32,
    slot: SlotView<'i>,
    terms: Terms<'i>,
}

/// Most terms that a memory is written with.
const TERMS_MAX: usize = (u16::MAX >> TERMS_SHIFT) as usize;

/// A memory about to be written; with its terms if these and the text have `room`.
pub(in crate::store) fn memory(
    slot: SlotView<'_>,
    stamp: Stamp,
    model: u32,
    room: usize,
) -> NewMemory<'_> {
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
pub(super) struct Writing<'b> {
    pub(super) buffer: &'b mut [u8],
    pub(super) written: usize,
}

impl Writing<'_> {
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), SerializationError> {
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

    pub(super) fn word(&mut self, number: u32) -> Result<(), SerializationError> {
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

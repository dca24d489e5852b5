//! A memory on its way into a growable bank.

use super::terms::Signature;
use memt_core::bank::AddError;
use memt_core::embedding::Embedding;
use memt_core::overlap::NotASignature;
use memt_core::slot::{Facts, SlotView, Timestamp};
use memt_core::snapshot::{MemoryRecord, RecordError};
use memt_core::text::Words;
use memt_core::write::NewMemory;

/// Bytes of the longest text that a host takes.
pub const MAX_TEXT_BYTES: usize = 4 << 20;

/// A memory that owns its parts. Making one is the work of a write that many threads can do at
/// once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedSlot {
    /// Key, owner, times, factors. The key is set by the bank.
    pub facts: Facts,
    /// The text as given.
    pub(super) text: Box<str>,
    /// What is kept beside it.
    pub(super) metadata: Box<[u8]>,
    /// The text's embedding.
    pub(super) embedding: Embedding,
    pub(super) squared_norm: u32,
    pub(super) signature: Signature,
}

impl OwnedSlot {
    /// Checks a new memory and takes its terms out of its text.
    pub fn of(memory: &NewMemory<'_>, metadata: &[u8]) -> Result<Self, AddError> {
        if Words::of(memory.text).next().is_none() {
            return Err(AddError::EmptyText);
        }
        if memory.text.len() > MAX_TEXT_BYTES {
            return Err(AddError::TextTooLong {
                bytes: memory.text.len(),
                capacity: MAX_TEXT_BYTES,
            });
        }
        let facts = memory.facts();
        Ok(Self::new(facts, memory.text, *memory.embedding, metadata))
    }

    /// The memory that a record holds.
    pub fn of_record(record: &MemoryRecord<'_>) -> Result<Self, RecordError> {
        let embedding = record.embedding()?;
        if record.text.len() > MAX_TEXT_BYTES {
            return Err(RecordError::TextTooLong {
                bytes: record.text.len(),
                capacity: MAX_TEXT_BYTES,
            });
        }
        Ok(Self::new(
            record.facts,
            record.text,
            embedding,
            record.metadata,
        ))
    }

    /// The memory that a record holds, with terms that were kept beside it as the bytes of their hashes
    /// (little-endian) and their counts.
    pub fn of_stored(
        record: &MemoryRecord<'_>,
        hashes: &[u8],
        counts: &[u8],
    ) -> Result<Result<Self, NotASignature>, RecordError> {
        let embedding = record.embedding()?;
        Ok(Signature::of_stored(hashes, counts).map(|signature| Self {
            facts: record.facts,
            text: record.text.into(),
            metadata: record.metadata.into(),
            embedding,
            squared_norm: embedding.squared_norm(),
            signature,
        }))
    }

    /// A copy of a memory.
    pub(super) fn of_view(slot: SlotView<'_>, metadata: &[u8]) -> Self {
        Self {
            facts: *slot.facts,
            text: slot.text.into(),
            metadata: metadata.into(),
            embedding: *slot.embedding,
            squared_norm: slot.squared_norm,
            signature: Signature::of_terms(slot.terms),
        }
    }

    fn new(facts: Facts, text: &str, embedding: Embedding, metadata: &[u8]) -> Self {
        Self {
            facts,
            text: text.into(),
            metadata: metadata.into(),
            embedding,
            squared_norm: embedding.squared_norm(),
            signature: Signature::of(text),
        }
    }

    /// The same memory with another embedding.
    pub fn with_embedding(mut self, embedding: Embedding) -> Self {
        self.embedding = embedding;
        self.squared_norm = embedding.squared_norm();
        self
    }

    /// The same memory, written at another time.
    pub fn written_at(mut self, created: Timestamp) -> Self {
        self.facts.created = created;
        self.facts.accessed = created;
        self
    }

    /// The text as given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is kept beside it.
    pub fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    /// Borrows the memory in the form that scoring reads.
    pub fn view(&self) -> SlotView<'_> {
        SlotView {
            facts: &self.facts,
            text: &self.text,
            embedding: &self.embedding,
            squared_norm: self.squared_norm,
            terms: self.signature.as_terms(),
        }
    }
}

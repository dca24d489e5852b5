//! What a snapshot carries.

use crate::bank::Deletion;
use crate::embedding::{DIMENSIONS, Embedding};
use crate::feedback::{Judgement, Weight};
use crate::overlap::{Signature, TooManyTerms};
use crate::slot::{Facts, Key, Slot, SlotView, Timestamp};
use heapless::String;
use serde::{Deserialize, Serialize};

/// One record of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Record<'r> {
    /// A memory.
    #[serde(borrow)]
    Memory(MemoryRecord<'r>),
    /// A memory that was forgotten on purpose.
    Deletion(Deletion),
    /// A question whose answer was judged; it comes after the memory.
    #[serde(borrow)]
    Judgement(JudgementRecord<'r>),
}

/// A memory in transit. Terms are not carried: the text gives them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryRecord<'r> {
    /// Key, owner, times, factors.
    pub facts: Facts,
    /// The text.
    pub text: &'r str,
    /// [`DIMENSIONS`] components, each an `i8` as a byte.
    embedding: &'r [u8],
    /// What the host keeps beside the memory; a device skips it.
    pub metadata: &'r [u8],
}

/// A judged question in transit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgementRecord<'r> {
    /// The judged memory.
    pub key: Key,
    /// What the memory gains for the very same question.
    pub weight: Weight,
    /// When it was judged.
    pub time: Timestamp,
    /// [`DIMENSIONS`] components of the question's embedding, each an `i8` as a byte.
    question: &'r [u8],
}

impl<'r> JudgementRecord<'r> {
    /// The record of a judgement.
    #[inline]
    pub fn of(judgement: &'r Judgement) -> Self {
        Self {
            key: judgement.key,
            weight: judgement.weight,
            time: judgement.time,
            question: judgement.question.as_bytes(),
        }
    }

    /// The judgement, its weight held to what a judgement may weigh.
    #[inline]
    pub fn judgement(&self) -> Result<Judgement, RecordError> {
        let other_length = RecordError::Embedding(self.question.len());
        Ok(Judgement {
            key: self.key,
            question: Embedding::of_bytes(self.question).ok_or(other_length)?,
            weight: self.weight.held(),
            time: self.time,
        })
    }
}

/// Why a record does not become a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The embedding has another length than [`DIMENSIONS`].
    Embedding(usize),
    /// The text does not fit a slot.
    TextTooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Bytes that fit.
        capacity: usize,
    },
    /// The text's terms do not fit a slot.
    TooManyTerms(TooManyTerms),
}

impl core::fmt::Display for RecordError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Embedding(length) => {
                write!(
                    formatter,
                    "record has an embedding of {length} bytes instead of {DIMENSIONS}"
                )
            }
            Self::TextTooLong { bytes, capacity } => {
                write!(formatter, "text has {bytes} bytes, a slot holds {capacity}")
            }
            Self::TooManyTerms(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for RecordError {}

impl<'r> MemoryRecord<'r> {
    /// The record of a memory.
    #[inline]
    pub fn of(slot: SlotView<'r>, metadata: &'r [u8]) -> Self {
        Self {
            facts: *slot.facts,
            text: slot.text,
            embedding: slot.embedding.as_bytes(),
            metadata,
        }
    }

    /// The same with other metadata.
    pub fn with_metadata(self, metadata: &'r [u8]) -> Self {
        Self { metadata, ..self }
    }

    /// The same memory with another embedding.
    pub fn with_embedding(self, embedding: &'r Embedding) -> Self {
        Self {
            embedding: embedding.as_bytes(),
            ..self
        }
    }

    /// The embedding.
    #[inline]
    pub fn embedding(&self) -> Result<Embedding, RecordError> {
        let other_length = RecordError::Embedding(self.embedding.len());
        Embedding::of_bytes(self.embedding).ok_or(other_length)
    }

    /// The slot of a static bank.
    pub fn to_slot<const TEXT: usize, const TERMS: usize>(
        &self,
    ) -> Result<Slot<TEXT, TERMS>, RecordError> {
        let embedding = self.embedding()?;
        let too_long = RecordError::TextTooLong {
            bytes: self.text.len(),
            capacity: TEXT,
        };
        Ok(Slot {
            facts: self.facts,
            text: String::try_from(self.text).map_err(|_| too_long)?,
            embedding,
            squared_norm: embedding.squared_norm(),
            signature: Signature::of(self.text).map_err(RecordError::TooManyTerms)?,
        })
    }
}

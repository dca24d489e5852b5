//! Why a device does not do what it is asked.

use crate::bank::{AddError, JudgeError, QueryError};
use crate::encoder::Fingerprint;
use crate::slot::Key;
use crate::snapshot::RecordError;
use serde::{Deserialize, Serialize};

/// Why a request was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Refusal {
    /// No version is spoken by both; the device's.
    Version {
        /// The oldest that the device speaks.
        oldest: u16,
        /// The newest.
        newest: u16,
    },
    /// The session is not known: the device has started again, or never heard its beginning.
    Session,
    /// The text has no words.
    EmptyText,
    /// The text does not fit a slot.
    TextTooLong {
        /// Bytes of the text.
        bytes: u32,
        /// Bytes that fit.
        capacity: u32,
    },
    /// The text's terms do not fit.
    TooManyTerms {
        /// Distinct terms, at least.
        terms: u32,
        /// Terms that fit.
        capacity: u32,
    },
    /// Every slot is taken.
    Full {
        /// Slots.
        capacity: u32,
    },
    /// The bank has given every key of its origin.
    KeysExhausted,
    /// A record's embedding has another length.
    Embedding {
        /// Its length.
        components: u32,
    },
    /// The embeddings are of another model than the device's.
    OtherModel {
        /// The device's.
        device: Fingerprint,
    },
    /// The bank has changed since the snapshot was begun.
    Changed,
    /// More hits than an answer can hold.
    TooManyHits {
        /// Hits asked for.
        asked: u32,
        /// Hits that fit.
        most: u32,
    },
    /// The answer does not fit a frame.
    TooLong,
    /// A record does not fit the device's working memory.
    RecordTooLong {
        /// Bytes that fit.
        capacity: u32,
    },
    /// A part does not continue the record.
    RecordGap {
        /// Where it has to go on; 0 if the record has to begin anew.
        received: u32,
    },
    /// Flash failed; the device has to be started again.
    Flash,
    /// The device keeps no second model.
    NoRegion,
    /// The image does not fit the region.
    ModelTooLong {
        /// Bytes of the image.
        bytes: u32,
        /// Bytes of the region.
        capacity: u32,
    },
    /// The region holds the model that the device is encoding with: [revert](super::ModelCall::Revert)
    /// first.
    ModelActive,
    /// A piece does not continue the image.
    ModelGap {
        /// Where it has to go on.
        received: u32,
    },
    /// The model needs more working memory than the device has.
    ModelScratch {
        /// Bytes that the device has.
        given: u32,
        /// Bytes needed.
        needed: u32,
    },
    /// The image is not whole, or damaged, or another than was announced.
    ModelDamaged,
    /// The device cannot do this.
    Unsupported,
    /// A frame arrived damaged, of which request is not known: send it again.
    Damaged,
    /// The device keeps no judged questions.
    NoJudgements,
    /// There is no such memory.
    UnknownMemory(Key),
}

impl core::fmt::Display for Refusal {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Version { oldest, newest } => write!(
                formatter,
                "device speaks versions {oldest} to {newest} of the link"
            ),
            Self::Session => formatter.write_str("device does not know this session"),
            Self::EmptyText => formatter.write_str("text has no words"),
            Self::TextTooLong { bytes, capacity } => {
                write!(formatter, "text has {bytes} bytes, a slot holds {capacity}")
            }
            Self::TooManyTerms { terms, capacity } => write!(
                formatter,
                "text has at least {terms} distinct terms, {capacity} fit"
            ),
            Self::Full { capacity } => write!(
                formatter,
                "all {capacity} slots are taken; forget something or allow eviction"
            ),
            Self::KeysExhausted => {
                formatter.write_str("device has no keys left; give it a new origin")
            }
            Self::Embedding { components } => write!(
                formatter,
                "record has an embedding of {components} components"
            ),
            Self::OtherModel { device } => {
                write!(formatter, "device holds embeddings of model {device}")
            }
            Self::Changed => formatter.write_str("memories changed while they were read"),
            Self::TooManyHits { asked, most } => {
                write!(formatter, "{asked} hits were asked for, at most {most} fit")
            }
            Self::TooLong => formatter.write_str("the answer does not fit a frame"),
            Self::RecordTooLong { capacity } => {
                write!(formatter, "record is too long: {capacity} bytes fit")
            }
            Self::RecordGap { received } => {
                write!(formatter, "device has {received} bytes of the record")
            }
            Self::Flash => formatter.write_str("flash failed; start the device again"),
            Self::NoRegion => formatter.write_str("device has no flash for a second model"),
            Self::ModelTooLong { bytes, capacity } => write!(
                formatter,
                "model has {bytes} bytes, the device has room for {capacity}"
            ),
            Self::ModelActive => formatter
                .write_str("device encodes with the model that would be overwritten; revert first"),
            Self::ModelGap { received } => {
                write!(formatter, "device has {received} bytes of the model")
            }
            Self::ModelScratch { given, needed } => write!(
                formatter,
                "model needs {needed} bytes of working memory, the device has {given}"
            ),
            Self::ModelDamaged => formatter.write_str("model arrived damaged; send it again"),
            Self::Unsupported => formatter.write_str("device cannot do this"),
            Self::Damaged => formatter.write_str("request arrived damaged"),
            Self::NoJudgements => formatter.write_str("device has no room for judged questions"),
            Self::UnknownMemory(key) => write!(formatter, "there is no memory {key}"),
        }
    }
}

impl core::error::Error for Refusal {}

impl From<AddError> for Refusal {
    #[inline]
    fn from(error: AddError) -> Self {
        match error {
            AddError::EmptyText => Self::EmptyText,
            AddError::TextTooLong { bytes, capacity } => Self::TextTooLong {
                bytes: bytes as u32,
                capacity: capacity as u32,
            },
            AddError::TooManyTerms(error) => Self::TooManyTerms {
                terms: error.terms as u32,
                capacity: error.capacity as u32,
            },
            AddError::Full { capacity } => Self::Full {
                capacity: capacity as u32,
            },
            AddError::Unbound => Self::Unsupported,
            AddError::KeysExhausted => Self::KeysExhausted,
        }
    }
}

impl From<QueryError> for Refusal {
    #[inline]
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::EmptyText => Self::EmptyText,
            QueryError::TooManyTerms(error) => Self::TooManyTerms {
                terms: error.terms as u32,
                capacity: error.capacity as u32,
            },
        }
    }
}

impl From<JudgeError> for Refusal {
    #[inline]
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::NoRoom => Self::NoJudgements,
            JudgeError::Unknown(key) => Self::UnknownMemory(key),
            JudgeError::Question(error) => error.into(),
        }
    }
}

impl From<RecordError> for Refusal {
    #[inline]
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Embedding(components) => Self::Embedding {
                components: components as u32,
            },
            RecordError::TextTooLong { bytes, capacity } => Self::TextTooLong {
                bytes: bytes as u32,
                capacity: capacity as u32,
            },
            RecordError::TooManyTerms(error) => Self::TooManyTerms {
                terms: error.terms as u32,
                capacity: error.capacity as u32,
            },
        }
    }
}

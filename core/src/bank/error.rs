//! Why a bank refuses.

use crate::encoder::Fingerprint;
use crate::overlap::TooManyTerms;
use crate::slot::Key;

/// Why a memory was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// The text has no words.
    EmptyText,
    /// The text does not fit a slot.
    TextTooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Bytes that fit.
        capacity: usize,
    },
    /// The text's terms do not fit a slot.
    TooManyTerms(TooManyTerms),
    /// Every slot is taken and nothing may be evicted.
    Full {
        /// Slots of the bank.
        capacity: usize,
    },
    /// [`Bank::bind`](super::Bank::bind) has not been called.
    Unbound,
    /// The bank has given every key of its origin.
    KeysExhausted,
}

impl core::fmt::Display for AddError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::EmptyText => formatter.write_str("text has no words"),
            Self::TextTooLong { bytes, capacity } => {
                write!(formatter, "text has {bytes} bytes, a slot holds {capacity}")
            }
            Self::TooManyTerms(error) => error.fmt(formatter),
            Self::Full { capacity } => {
                write!(
                    formatter,
                    "all {capacity} slots are taken; forget something or allow eviction"
                )
            }
            Self::Unbound => formatter.write_str("the bank is not bound to a model yet"),
            Self::KeysExhausted => {
                formatter.write_str("the bank has no keys left; give it a new origin")
            }
        }
    }
}

impl core::error::Error for AddError {}

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// The question has no words.
    EmptyText,
    /// The question has more terms than a query can hold.
    TooManyTerms(TooManyTerms),
}

impl core::fmt::Display for QueryError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::EmptyText => formatter.write_str("question has no words"),
            Self::TooManyTerms(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for QueryError {}

/// A bank and a model of different embedding spaces; re-encode the texts to change the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherModel {
    /// What the bank holds.
    pub bank: Fingerprint,
    /// What was offered.
    pub offered: Fingerprint,
}

impl core::fmt::Display for OtherModel {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { bank, offered } = self;
        write!(
            formatter,
            "bank holds embeddings of model {bank}, not of {offered}; encode its texts anew to change the model"
        )
    }
}

impl core::error::Error for OtherModel {}

/// Why nothing was learned from a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JudgeError {
    /// The bank keeps no judged questions: its `JUDGED` is 0.
    NoRoom,
    /// There is no such memory.
    Unknown(Key),
    /// The question could not be asked.
    Question(QueryError),
}

impl core::fmt::Display for JudgeError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoRoom => formatter.write_str("this bank has no room for judged questions"),
            Self::Unknown(key) => write!(formatter, "there is no memory {key}"),
            Self::Question(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for JudgeError {}

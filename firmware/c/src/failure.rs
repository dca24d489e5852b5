//! What can go wrong: a number for programs, a text with the values for people.

use core::ffi::CStr;
use core::fmt;
use memt_core::bank::{AddError, OtherModel, QueryError};
use memt_core::encoder::{EncoderError, ImageError, ScratchTooSmall};
use memt_core::snapshot::{ImportError, WriteError};

/// What a function returns. Numbers keep their meaning; later versions may add some.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// A pointer that is needed is NULL.
    NullPointer = 1,
    /// A pointer is not aligned as its type asks for.
    Misaligned = 2,
    /// The memory given is smaller than memt_memory_bytes().
    MemoryTooSmall = 3,
    /// The memory was not prepared by memt_init.
    NotInitialised = 4,
    /// A length or number exceeds its limit.
    OutOfRange = 5,
    /// A text is not UTF-8.
    NotUtf8 = 6,
    /// memt_use_model has not succeeded yet.
    NoModel = 7,
    /// The bytes are not a model image that this library reads.
    BadModel = 8,
    /// The model needs more scratch: build the library with a larger MEMT_SCRATCH_BYTES.
    ScratchTooSmall = 9,
    /// The bank or snapshot holds embeddings of another model.
    OtherModel = 10,
    /// The text has no words.
    EmptyText = 11,
    /// The text does not fit a slot.
    TextTooLong = 12,
    /// The text has more distinct terms than a slot or question holds.
    TooManyTerms = 13,
    /// Every slot is taken.
    Full = 14,
    /// The bank has given every key of its origin.
    KeysExhausted = 15,
    /// There is no such memory.
    NotFound = 16,
    /// The snapshot is damaged or of another version.
    BadSnapshot = 17,
    /// The caller's function stopped the export.
    Stopped = 18,
    /// Any other failure; memt_error tells.
    Other = 19,
}

impl Status {
    /// Every status, in the order of their numbers.
    pub const ALL: [Self; 20] = [
        Self::Ok,
        Self::NullPointer,
        Self::Misaligned,
        Self::MemoryTooSmall,
        Self::NotInitialised,
        Self::OutOfRange,
        Self::NotUtf8,
        Self::NoModel,
        Self::BadModel,
        Self::ScratchTooSmall,
        Self::OtherModel,
        Self::EmptyText,
        Self::TextTooLong,
        Self::TooManyTerms,
        Self::Full,
        Self::KeysExhausted,
        Self::NotFound,
        Self::BadSnapshot,
        Self::Stopped,
        Self::Other,
    ];

    /// What the number means, without the values of the case.
    pub const fn text(self) -> &'static CStr {
        match self {
            Self::Ok => c"done",
            Self::NullPointer => c"a pointer that is needed is NULL",
            Self::Misaligned => c"a pointer is not aligned as its type asks for",
            Self::MemoryTooSmall => c"the memory given is smaller than memt_memory_bytes()",
            Self::NotInitialised => c"the memory was not prepared by memt_init",
            Self::OutOfRange => c"a length or number exceeds its limit",
            Self::NotUtf8 => c"a text is not UTF-8",
            Self::NoModel => c"no model is in use: call memt_use_model",
            Self::BadModel => c"the bytes are not a model image that this library reads",
            Self::ScratchTooSmall => {
                c"the model needs more scratch: build with a larger MEMT_SCRATCH_BYTES"
            }
            Self::OtherModel => c"the bank or snapshot holds embeddings of another model",
            Self::EmptyText => c"the text has no words",
            Self::TextTooLong => c"the text does not fit a slot",
            Self::TooManyTerms => c"the text has too many distinct terms",
            Self::Full => c"every slot is taken",
            Self::KeysExhausted => c"the bank has given every key of its origin",
            Self::NotFound => c"there is no such memory",
            Self::BadSnapshot => c"the snapshot is damaged or of another version",
            Self::Stopped => c"the caller stopped the export",
            Self::Other => c"failed; memt_error tells",
        }
    }
}

/// Why a function failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// A pointer is NULL.
    Null {
        /// The parameter.
        name: &'static str,
    },
    /// A pointer is not aligned.
    Misaligned {
        /// The parameter.
        name: &'static str,
        /// What its address must be a multiple of.
        alignment: usize,
    },
    /// A number exceeds its limit.
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// The number.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// A text is not UTF-8.
    NotUtf8 {
        /// Bytes before the first that is not.
        valid: usize,
    },
    /// No model is in use.
    NoModel,
    /// The model is not usable.
    Model(EncoderError),
    /// The model needs more scratch.
    Scratch(ScratchTooSmall),
    /// The bank holds embeddings of another model.
    OtherModel(OtherModel),
    /// A memory was not written.
    Add(AddError),
    /// A question was not answered.
    Query(QueryError),
    /// There is no such memory.
    NotFound,
    /// A snapshot was not taken in whole.
    Import(ImportError),
    /// A snapshot was not written.
    Write(WriteError),
    /// The caller stopped an export.
    Stopped,
}

impl Failure {
    /// The number for C.
    pub fn status(&self) -> Status {
        match self {
            Self::Null { .. } => Status::NullPointer,
            Self::Misaligned { .. } => Status::Misaligned,
            Self::OutOfRange { .. } => Status::OutOfRange,
            Self::NotUtf8 { .. } => Status::NotUtf8,
            Self::NoModel => Status::NoModel,
            Self::Model(EncoderError::Image(ImageError::Misaligned)) => Status::Misaligned,
            Self::Model(_) => Status::BadModel,
            Self::Scratch(_) => Status::ScratchTooSmall,
            Self::OtherModel(_) => Status::OtherModel,
            Self::Add(error) => of_add(error),
            Self::Query(QueryError::EmptyText) => Status::EmptyText,
            Self::Query(QueryError::TooManyTerms(_)) => Status::TooManyTerms,
            Self::Query(_) => Status::Other,
            Self::NotFound => Status::NotFound,
            Self::Import(error) => of_import(error),
            Self::Write(_) => Status::Other,
            Self::Stopped => Status::Stopped,
        }
    }
}

fn of_add(error: &AddError) -> Status {
    match error {
        AddError::EmptyText => Status::EmptyText,
        AddError::TextTooLong { .. } => Status::TextTooLong,
        AddError::TooManyTerms(_) => Status::TooManyTerms,
        AddError::Full { .. } => Status::Full,
        AddError::Unbound => Status::NoModel,
        AddError::KeysExhausted => Status::KeysExhausted,
        _ => Status::Other,
    }
}

fn of_import(error: &ImportError) -> Status {
    use memt_core::snapshot::RecordError;
    match error {
        ImportError::Read(_) => Status::BadSnapshot,
        ImportError::OtherModel(_) => Status::OtherModel,
        ImportError::Record { error, .. } => match error {
            RecordError::TextTooLong { .. } => Status::TextTooLong,
            RecordError::TooManyTerms(_) => Status::TooManyTerms,
            _ => Status::BadSnapshot,
        },
        ImportError::Add { error, .. } => of_add(error),
        _ => Status::Other,
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null { name } => write!(formatter, "{name} is NULL"),
            Self::Misaligned { name, alignment } => {
                write!(
                    formatter,
                    "{name} is not at a multiple of {alignment} bytes"
                )
            }
            Self::OutOfRange { name, given, limit } => {
                write!(formatter, "{name} is {given}, at most {limit} is allowed")
            }
            Self::NotUtf8 { valid } => write!(formatter, "text is not UTF-8 after {valid} bytes"),
            Self::NoModel => formatter.write_str("no model is in use: call memt_use_model"),
            Self::Model(error) => error.fmt(formatter),
            Self::Scratch(error) => error.fmt(formatter),
            Self::OtherModel(error) => error.fmt(formatter),
            Self::Add(error) => error.fmt(formatter),
            Self::Query(error) => error.fmt(formatter),
            Self::NotFound => formatter.write_str("there is no such memory"),
            Self::Import(error) => error.fmt(formatter),
            Self::Write(error) => error.fmt(formatter),
            Self::Stopped => formatter.write_str("the caller stopped the export"),
        }
    }
}

impl core::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn statuses_are_listed_in_the_order_of_their_numbers() {
        for (number, status) in Status::ALL.into_iter().enumerate() {
            assert_eq!(status as usize, number);
        }
    }
}

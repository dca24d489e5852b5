//! One record of a file.

use crate::clock::{self, BadTime};
use memt_core::slot::{Factor, Timestamp};
use serde_json::Value;

/// A memory as a file tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its line or its number among the records, from 1.
    pub place: u64,
    /// What is to be remembered.
    pub text: String,
    /// Its name in the other program.
    pub id: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// When it was written.
    pub created: Option<Timestamp>,
    /// How much its writer cares.
    pub importance: Factor,
    /// JSON to be kept beside it; empty for nothing.
    pub metadata: Vec<u8>,
}

impl Item {
    /// A text about which nothing else is known.
    pub fn of_text(place: u64, text: String) -> Self {
        Self {
            place,
            text,
            id: None,
            owner: None,
            created: None,
            importance: Factor::ONE,
            metadata: Vec::new(),
        }
    }
}

/// A record that is no memory.
#[derive(Debug)]
pub struct BadRecord {
    /// Its line or its number among the records, from 1.
    pub place: u64,
    /// What is wrong with it.
    pub error: ItemError,
}

impl core::fmt::Display for BadRecord {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "record {}: {}", self.place, self.error)
    }
}

impl std::error::Error for BadRecord {}

/// What is wrong with a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum ItemError {
    /// The file cannot be read on.
    Read(std::io::Error),
    /// Not UTF-8 from this byte of the line, from 1.
    Utf8(usize),
    /// Not JSON, or not the JSON that is meant.
    Json(serde_json::Error),
    /// Not a row.
    Csv(::csv::Error),
    /// Something has to be there.
    Missing(&'static str),
    /// A field has another type than it must.
    Type {
        /// Which one.
        field: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// A time cannot be read.
    Time(BadTime),
    /// The memory is refused.
    Add(memt_core::bank::AddError),
}

impl core::fmt::Display for ItemError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Read(error) => write!(formatter, "cannot read: {error}"),
            Self::Utf8(byte) => write!(
                formatter,
                "byte {byte} is not UTF-8; convert the file, for example with `iconv -f latin1 -t utf-8`"
            ),
            Self::Json(error) => error.fmt(formatter),
            Self::Csv(error) => error.fmt(formatter),
            Self::Missing(field) => write!(formatter, "there is no `{field}`"),
            Self::Type { field, wanted } => write!(formatter, "`{field}` is not {wanted}"),
            Self::Time(error) => error.fmt(formatter),
            Self::Add(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for ItemError {}

/// A string that may be missing; numbers are taken as they are written.
pub(super) fn string(
    value: Option<Value>,
    field: &'static str,
) -> Result<Option<String>, ItemError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(ItemError::Type {
            field,
            wanted: "a string",
        }),
    }
}

/// A time that may be missing.
pub(super) fn time(written: Option<String>) -> Result<Option<Timestamp>, ItemError> {
    let time = written.as_deref().map(clock::parse).transpose();
    time.map_err(ItemError::Time)
}

/// An importance that may be missing.
pub(super) fn importance(value: Option<Value>) -> Result<Factor, ItemError> {
    let wrong = ItemError::Type {
        field: "importance",
        wanted: "a number from 0 to 2",
    };
    match value {
        None | Some(Value::Null) => Ok(Factor::ONE),
        Some(value) => match value.as_f64() {
            Some(number) if (0.0..=2.0).contains(&number) => Ok(Factor::from_f32(number as f32)),
            _ => Err(wrong),
        },
    }
}

/// Metadata as bytes; none for nothing and for an empty object.
pub(super) fn metadata(value: Option<Value>) -> Vec<u8> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(fields)) if fields.is_empty() => Vec::new(),
        Some(value) => value.to_string().into_bytes(),
    }
}

//! What a line may ask.

use crate::clock::{self, BadTime};
use memt_core::bank::{AddError, QueryError};
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The protocol that this program speaks.
pub(super) const PROTOCOL: u32 = 1;

/// Bytes of the longest id.
const MAX_ID_BYTES: usize = 64;

/// Hits of a question that does not say how many.
const DEFAULT_K: usize = 10;

/// A request.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Request {
    Hello {
        #[serde(default = "protocol")]
        v: u32,
    },
    Reset {},
    Add(Item),
    Query {
        text: String,
        #[serde(default = "default_k")]
        k: usize,
    },
    AddBatch {
        items: Vec<Item>,
    },
    QueryBatch {
        texts: Vec<String>,
        #[serde(default = "default_k")]
        k: usize,
    },
    Embed {
        texts: Vec<String>,
    },
    Bye {},
}

fn protocol() -> u32 {
    PROTOCOL
}

fn default_k() -> usize {
    DEFAULT_K
}

/// A memory to be added.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) text: String,
    #[serde(default)]
    meta: Option<Meta>,
}

/// What a caller says about a memory; everything but the time is ignored.
#[derive(Debug, Deserialize)]
struct Meta {
    #[serde(default)]
    ts: Option<Value>,
}

/// Why a line got no better answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum RequestError {
    /// The line is not UTF-8.
    NotUtf8 {
        /// Bytes of the line that are.
        valid: usize,
    },
    /// The line is not a request in JSON.
    Json(serde_json::Error),
    /// The caller speaks another version of the protocol.
    Protocol(u32),
    /// An id is too long.
    IdTooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// `meta.ts` is not a time.
    Time(BadTime),
    /// A memory was refused.
    Add(AddError),
    /// A question was refused.
    Query(QueryError),
    /// The encoder lacks working memory.
    Scratch(ScratchTooSmall),
    /// One of several items or texts failed.
    Item {
        /// Its number, from 0.
        number: usize,
        /// Why.
        error: Box<RequestError>,
    },
}

impl core::fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotUtf8 { valid } => {
                write!(formatter, "line is not UTF-8 after {valid} bytes")
            }
            Self::Json(error) => write!(formatter, "not a request: {error}"),
            Self::Protocol(version) => write!(
                formatter,
                "protocol {version} is unknown, this is protocol {PROTOCOL}"
            ),
            Self::IdTooLong { bytes } => write!(
                formatter,
                "id has {bytes} bytes, at most {MAX_ID_BYTES} are possible"
            ),
            Self::Time(error) => write!(formatter, "meta.ts: {error}"),
            Self::Add(error) => error.fmt(formatter),
            Self::Query(error) => error.fmt(formatter),
            Self::Scratch(error) => error.fmt(formatter),
            Self::Item { number, error } => write!(formatter, "number {number}: {error}"),
        }
    }
}

impl std::error::Error for RequestError {}

impl From<ScratchTooSmall> for RequestError {
    fn from(error: ScratchTooSmall) -> Self {
        Self::Scratch(error)
    }
}

impl RequestError {
    /// Says which of several it was.
    pub(super) fn at(number: usize) -> impl FnOnce(Self) -> Self {
        move |error| Self::Item {
            number,
            error: Box::new(error),
        }
    }
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Request, RequestError> {
    let line = str::from_utf8(line).map_err(|error| RequestError::NotUtf8 {
        valid: error.valid_up_to(),
    })?;
    serde_json::from_str(line).map_err(RequestError::Json)
}

impl Item {
    /// Checks everything but the text, and reads the time, if there is one.
    pub(super) fn check(&self) -> Result<Option<Timestamp>, RequestError> {
        if self.id.len() > MAX_ID_BYTES {
            return Err(RequestError::IdTooLong {
                bytes: self.id.len(),
            });
        }
        let time = self.meta.as_ref().and_then(|meta| meta.ts.as_ref());
        let parsed = match time {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(time)) => clock::parse(time),
            Some(other) => clock::parse(&other.to_string()),
        };
        parsed.map(Some).map_err(RequestError::Time)
    }
}

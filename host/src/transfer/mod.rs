//! Memories from and to the files of other programs.
//!
//! A file is read, encoded and stored by three threads side by side, in batches; a bounded number of batches waits
//! between them, so that texts, JSON lines and tables of any size take no more memory than small ones, besides the
//! memories themselves. What mem0 gives is one JSON document, which is read whole first.

mod csv;
mod item;
mod json;
mod load;
mod text;
mod write;

pub use item::{BadRecord, Item, ItemError};
pub use load::{LoadError, Loaded, load};
pub use write::{write_csv, write_jsonl};

use std::io::BufRead;

/// How a file says what is to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One memory a line
    Text,
    /// One JSON object a line: "text", and "id", "owner", "created", "importance", "metadata" if known
    Jsonl,
    /// Comma-separated values; the first line names the columns, as in jsonl; others become metadata
    Csv,
    /// What mem0's `get_all` returns, in JSON; it is read whole before the first memory is stored
    Mem0,
}

impl Format {
    /// The format that a file's name tells of.
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "txt" | "text" | "md" => Some(Self::Text),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Mem0),
            _ => None,
        }
    }

    /// The records of a file, in order.
    pub fn read<'r>(
        self,
        input: impl BufRead + Send + 'r,
    ) -> Box<dyn Iterator<Item = Result<Item, BadRecord>> + Send + 'r> {
        match self {
            Self::Text => Box::new(text::lines(input)),
            Self::Jsonl => Box::new(json::lines(input)),
            Self::Csv => csv::rows(input),
            Self::Mem0 => json::mem0(input),
        }
    }
}

#[cfg(test)]
mod tests;

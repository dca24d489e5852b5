//! Pairs of texts that mean the same, answer or continue each other.

use super::compressed;
use crate::TrainError;
use serde::Deserialize;
use std::path::Path;

/// A line of `pairs.jsonl.zst`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Pair {
    pub(crate) a: String,
    pub(crate) b: String,
    /// How `b` follows from `a`.
    pub(crate) kind: String,
    pub(crate) source: String,
    /// A text close to `a` that is no match.
    pub(crate) neg: Option<String>,
}

/// All pairs of the file.
pub(crate) fn read(path: &Path) -> Result<Vec<Pair>, TrainError> {
    let text = compressed::read_text(path)?;
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_str(line)
                .map_err(|error| TrainError::content(path, format!("line {}: {error}", index + 1)))
        })
        .collect()
}

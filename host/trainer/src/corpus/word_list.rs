//! `words.tsv`: words with their counts, most frequent first.

use crate::TrainError;
use std::path::Path;

/// A word and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountedWord {
    pub(crate) word: String,
    pub(crate) count: u64,
}

/// All lines of the file; line i belongs to row i of `word_vectors.npy`.
pub(crate) fn read(path: &Path) -> Result<Vec<CountedWord>, TrainError> {
    let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            parse(line).ok_or_else(|| {
                TrainError::content(path, format!("line {}: no word and count", index + 1))
            })
        })
        .collect()
}

fn parse(line: &str) -> Option<CountedWord> {
    let (word, count) = line.split_once('\t')?;
    Some(CountedWord {
        word: word.to_owned(),
        count: count.parse().ok()?,
    })
}

//! One JSON object a line.

use std::path::Path;

use serde::Deserialize;

use super::LoadError;

/// Parses every line of `text` as a `Row`, with its line number from 1.
pub(super) fn rows<'a, Row: Deserialize<'a>>(
    file: &'a Path,
    text: &'a str,
) -> impl Iterator<Item = Result<(usize, Row), LoadError>> {
    text.lines().enumerate().map(move |(index, line)| {
        let row = serde_json::from_str(line).map_err(|source| LoadError::Json {
            file: file.to_owned(),
            line: index + 1,
            source,
        })?;
        Ok((index + 1, row))
    })
}

/// A [`LoadError::Value`] for that line.
pub(super) fn wrong(file: &Path, line: usize, problem: String) -> LoadError {
    LoadError::Value {
        file: file.to_owned(),
        line,
        problem,
    }
}

//! `sources.tsv`: where the texts come from and under which licences.

use crate::TrainError;
use serde::Serialize;
use std::path::Path;

/// A source of texts.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Source {
    /// Short name.
    pub source: String,
    /// Licence as the data folder states it.
    pub licence: String,
    /// Where it was taken from.
    pub upstream: String,
}

/// All lines of the file after its heading.
pub(crate) fn read(path: &Path) -> Result<Vec<Source>, TrainError> {
    let text = std::fs::read_to_string(path).map_err(TrainError::file(path))?;
    text.lines()
        .enumerate()
        .skip(1)
        .map(|(index, line)| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [source, licence, upstream, ..] = fields[..] else {
                let problem = format!("line {}: fewer than three fields", index + 1);
                return Err(TrainError::content(path, problem));
            };
            Ok(Source {
                source: source.to_owned(),
                licence: licence.to_owned(),
                upstream: upstream.to_owned(),
            })
        })
        .collect()
}

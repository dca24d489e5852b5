//! Zstandard files as text.

use crate::TrainError;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The whole text of a `.zst` file.
pub(crate) fn read_text(path: &Path) -> Result<String, TrainError> {
    let file = File::open(path).map_err(TrainError::file(path))?;
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(std::io::BufReader::new(file))
        .map_err(|error| TrainError::content(path, error.to_string()))?;
    let mut text = String::new();
    decoder
        .read_to_string(&mut text)
        .map_err(TrainError::file(path))?;
    Ok(text)
}

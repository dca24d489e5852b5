//! The metrics log: JSON lines, one every few steps and one a measurement.

use crate::TrainError;
use crate::descent::State;
use crate::observer::Measurements;
use crate::paths::Paths;
use crate::recipe::Recipe;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A line of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) stage: String,
    pub(crate) stage_index: usize,
    /// Steps made in the stage.
    pub(crate) step: u64,
    /// Mean loss since the line before.
    pub(crate) loss: f32,
    pub(crate) samples_per_second: f64,
    /// Development metrics x 100; none on a line between measurements.
    pub(crate) measurements: Measurements,
}

/// `NAME.log.jsonl`, appended to while training.
#[derive(Debug)]
pub(crate) struct MetricsLog {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
}

impl MetricsLog {
    /// Opens the log of a run that begins or goes on at `state`: lines after that place are dropped.
    pub(super) fn open(paths: &Paths, recipe: &Recipe, state: &State) -> Result<Self, TrainError> {
        let path = paths.output(&recipe.name, "log.jsonl");
        let place = (state.stage, state.step);
        let entries: Vec<Entry> = read(&path)?
            .into_iter()
            .filter(|entry| (entry.stage_index, entry.step) <= place && place != (0, 0))
            .collect();
        let mut text = String::new();
        for entry in &entries {
            text.push_str(&line(entry, &path)?);
        }
        super::checkpoint::write_whole(&path, text.as_bytes())?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(TrainError::file(&path))?;
        Ok(Self {
            path,
            file,
            entries,
        })
    }

    pub(super) fn append(&mut self, entry: Entry) -> Result<(), TrainError> {
        let line = line(&entry, &self.path)?;
        self.file
            .write_all(line.as_bytes())
            .map_err(TrainError::file(&self.path))?;
        self.entries.push(entry);
        Ok(())
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

fn read(path: &Path) -> Result<Vec<Entry>, TrainError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(TrainError::file(path)(error)),
    };
    // A crash may have cut the last line; whatever follows the last line feed was never complete.
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    complete
        .lines()
        .map(|line| {
            serde_json::from_str(line).map_err(|error| TrainError::content(path, error.to_string()))
        })
        .collect()
}

fn line(entry: &Entry, path: &Path) -> Result<String, TrainError> {
    let mut line = serde_json::to_string(entry)
        .map_err(|error| TrainError::content(path, error.to_string()))?;
    line.push('\n');
    Ok(line)
}

//! Where a run reads and writes.

use std::path::PathBuf;

/// Whether a run begins or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From the beginning, replacing what an earlier run left.
    Fresh,
    /// From the checkpoint in the output folder; from the beginning if there is none.
    Resume,
}

/// Folders of a run.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Holds `sentences.txt.zst`, `pairs.jsonl.zst`, `sources.tsv`, `teacher/` and `eval/`.
    pub data: PathBuf,
    /// Receives image, words, card, log, curves and checkpoint; made if missing.
    pub out: PathBuf,
    /// Whether to go on from a checkpoint.
    pub start: Start,
}

impl Paths {
    /// Where the teacher's texts, words and vectors lie.
    pub(crate) fn teacher(&self) -> PathBuf {
        self.data.join("teacher")
    }

    pub(crate) fn output(&self, name: &str, extension: &str) -> PathBuf {
        self.out.join(format!("{name}.{extension}"))
    }
}

//! Options that several commands have.

use crate::command_line::Failure;
use crate::model::Model;
use memt_core::score::Mode;
use std::path::PathBuf;

/// Which model to encode with.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ModelOptions {
    /// Model image; without it, the one built into this program
    #[arg(long, value_name = "FILE", env = "MEMT_MODEL")]
    pub(crate) model: Option<PathBuf>,
}

impl ModelOptions {
    /// Reads the image and checks every byte of it.
    pub(crate) fn load(&self) -> Result<Model, Failure> {
        let model = match &self.model {
            Some(path) => Model::read(path),
            None => Model::built_in(),
        };
        model.map_err(Failure::bad_input)
    }
}

/// How to print.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct OutputOptions {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which evidence counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ModeOption {
    /// Meaning and words
    #[default]
    Fused,
    /// Meaning only
    Dense,
    /// Words only
    Lexical,
}

impl From<ModeOption> for Mode {
    fn from(mode: ModeOption) -> Self {
        match mode {
            ModeOption::Fused => Self::Fused,
            ModeOption::Dense => Self::Dense,
            ModeOption::Lexical => Self::Lexical,
        }
    }
}

/// Reads a score from 0 to 1.
pub(crate) fn least_score(given: &str) -> Result<f32, String> {
    match given.parse::<f32>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a score is a number from 0 to 1".to_owned()),
    }
}

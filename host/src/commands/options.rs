//! Options that several commands have.

use crate::command_line::Failure;
use crate::model::Model;
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

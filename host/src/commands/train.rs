//! `memt train`.

use crate::command_line::{Failure, Outcome};
use std::path::PathBuf;

/// Train a model from text files
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The recipe, a TOML file
    #[arg(value_name = "CONFIG")]
    config: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let _ = arguments.config;
    Err(Failure::failed(
        "this memt was built without the trainer; build it with `cargo build --release -p memt-host --features train`",
    ))
}

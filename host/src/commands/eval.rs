//! `memt eval`.

use crate::command_line::{Failure, Outcome};

/// Measure a model on the evaluation sets
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: Arguments) -> Result<Outcome, Failure> {
    Err(Failure::failed("this build has no `memt eval` yet"))
}

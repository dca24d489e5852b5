//! `memt demo`.

use crate::command_line::{Failure, Outcome};

/// Load a bundled memory, ask it questions, and ask a virtual chip the same
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: Arguments) -> Result<Outcome, Failure> {
    Err(Failure::failed("this build has no `memt demo` yet"))
}

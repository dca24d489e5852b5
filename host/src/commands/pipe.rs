//! `memt pipe`.

use crate::command_line::{Failure, Outcome};

/// Answer requests in JSON lines on standard input
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: Arguments) -> Result<Outcome, Failure> {
    Err(Failure::failed("this build has no `memt pipe` yet"))
}

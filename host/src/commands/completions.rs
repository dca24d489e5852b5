//! `memt completions`.

use crate::command_line::{CommandLine, Failure, Outcome};
use clap::CommandFactory;
use std::io::Write;

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which shell
    shell: clap_complete::Shell,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    let mut command = CommandLine::command();
    clap_complete::generate(arguments.shell, &mut command, "memt", &mut script);
    std::io::stdout()
        .write_all(&script)
        .map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}

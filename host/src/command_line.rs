//! From arguments to an exit status.

use crate::commands::Command;
use clap::Parser;
use std::io;
use std::process::ExitCode;

/// A memory for text that fits a microcontroller.
#[derive(Debug, Parser)]
#[command(
    name = "memt",
    version,
    after_help = "Exit status: 0 done, 1 nothing found or failed, 2 bad arguments or bad input."
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

/// How a command that ran to its end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did what was asked: status 0.
    Done,
    /// It looked and there was nothing: status 1, and no message on standard error.
    NothingFound,
}

/// Why a command stopped; the message goes to standard error behind `memt: `.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments or the input are wrong: status 2.
    BadInput(String),
    /// The input is fine and the work failed: status 1.
    Failed(String),
    /// Whoever read the output has gone: status 0, quietly.
    OutputClosed,
}

impl Failure {
    /// Wrong arguments or input.
    pub(crate) fn bad_input(message: impl ToString) -> Self {
        Self::BadInput(message.to_string())
    }

    /// Work that failed.
    pub(crate) fn failed(message: impl ToString) -> Self {
        Self::Failed(message.to_string())
    }

    /// A failure to write to standard output.
    pub(crate) fn of_output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Failed(format!("cannot write the output: {error}")),
        }
    }
}

/// Runs the command that the process was started with.
pub fn run_command_line() -> ExitCode {
    match CommandLine::parse().command.run() {
        Ok(Outcome::Done) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound) => ExitCode::from(1),
        Err(Failure::Failed(message)) => report(&message, 1),
        Err(Failure::BadInput(message)) => report(&message, 2),
    }
}

fn report(message: &str, status: u8) -> ExitCode {
    anstream::eprintln!("memt: {message}");
    ExitCode::from(status)
}

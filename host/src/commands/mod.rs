//! One file a command.
//!
//! To add a command `NAME`: write `commands/NAME.rs` with
//!
//! ```ignore
//! /// What `memt NAME --help` says first.
//! #[derive(Debug, clap::Args)]
//! pub(crate) struct Arguments { .. }
//!
//! pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> { .. }
//! ```
//!
//! and name it twice here: `mod NAME;` and a line in [`commands!`]. What commands share: `Outcome`
//! and `Failure` (exit status), [`options`] (`--model`, `--json`), [`crate::terminal`] (output,
//! bars, colours), [`crate::model::Model`].

mod completions;
mod demo;
mod eval;
mod options;
mod pipe;
mod train;

use crate::command_line::{Failure, Outcome};

macro_rules! commands {
    ($($variant:ident => $module:ident,)*) => {
        /// What to do.
        #[derive(Debug, clap::Subcommand)]
        pub(crate) enum Command {
            $($variant($module::Arguments),)*
        }

        impl Command {
            /// Does it.
            pub(crate) fn run(self) -> Result<Outcome, Failure> {
                match self {
                    $(Self::$variant(arguments) => $module::run(arguments),)*
                }
            }
        }
    };
}

commands! {
    Demo => demo,
    Eval => eval,
    Train => train,
    Pipe => pipe,
    Completions => completions,
}

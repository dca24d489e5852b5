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
//! and `Failure` (exit status), [`options`] (`--model`, `--json`),
//! [`bank_file`] (`--bank`, opening it), [`input`] (texts), [`memory`] (a memory as printed), [`crate::terminal`] (output,
//! bars, colours), [`crate::model::Model`].

mod add;
mod bank_file;
mod bench;
mod compact;
mod completions;
mod demo;
mod describe;
mod device;
mod encode;
mod env;
mod eval;
mod export;
mod forget;
mod fsck;
mod get;
mod import;
mod input;
mod list;
mod map;
mod mcp;
mod memory;
mod model;
mod options;
mod picture;
mod pipe;
mod query;
mod reencode;
mod replay;
mod serve;
mod snapshot;
mod stats;
mod trace;
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
    Add => add,
    Query => query,
    Get => get,
    List => list,
    Forget => forget,
    Replay => replay,
    Compact => compact,
    Stats => stats,
    Describe => describe,
    Trace => trace,
    Map => map,
    Import => import,
    Export => export,
    Fsck => fsck,
    Reencode => reencode,
    Snapshot => snapshot,
    Device => device,
    Encode => encode,
    Model => model,
    Train => train,
    Eval => eval,
    Bench => bench,
    Pipe => pipe,
    Serve => serve,
    Mcp => mcp,
    Env => env,
    Completions => completions,
}

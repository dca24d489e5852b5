//! `memt get`.

use super::bank_file::{BankOptions, find};
use super::memory::Memory;
use super::options::OutputOptions;
use super::query::record_access;
use crate::command_line::{Failure, Outcome};
use crate::terminal::print_json;

/// Print a memory by key or id, and count it as read
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Key as `memt list` prints it, or the id it was added with
    #[arg(value_name = "KEY|ID")]
    memory: String,
    #[command(flatten)]
    bank: BankOptions,
    /// Whose id
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    /// Do not count it as read
    #[arg(long)]
    no_record: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let mut store = arguments.bank.open_any()?;
    let owner = store.owner(&arguments.owner).map_err(Failure::bad_input)?;
    let Some(key) = find(&store, owner, &arguments.memory) else {
        return Err(Failure::failed(format!(
            "owner {} has no memory `{}`; `memt list` shows keys and ids",
            arguments.owner, arguments.memory
        )));
    };
    if !arguments.no_record {
        record_access(&mut store, &[key])?;
    }
    let Some(memory) = Memory::of(&store, key) else {
        return Ok(Outcome::NothingFound);
    };
    match arguments.output.json {
        true => print_json(&memory)?,
        false => memory
            .write_whole(anstream::stdout().lock())
            .map_err(Failure::of_output)?,
    }
    Ok(Outcome::Done)
}

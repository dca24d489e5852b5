//! `memt list`.

use super::bank_file::{BankOptions, owner_option};
use super::memory::Memory;
use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::terminal::{Excerpt, print_json};
use serde_json::json;
use std::io::{self, Write};

/// List memories, old to new
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only the newest N
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let store = arguments.bank.open_any_of(arguments.owner.as_deref())?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let keys = store.bank().keys_of(owner);
    let skipped = keys.len() - arguments.limit.unwrap_or(keys.len()).min(keys.len());
    let memories = keys[skipped..].iter();
    let memories: Vec<Memory> = memories
        .filter_map(|&key| Memory::of(&store, key))
        .collect();
    match arguments.output.json {
        true => print_json(&json!({ "memories": memories }))?,
        false => print(&memories).map_err(Failure::of_output)?,
    }
    Ok(match memories.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

fn print(memories: &[Memory]) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for memory in memories {
        writeln!(output, "{}", Excerpt(&memory.text))?;
        write!(output, "    ")?;
        memory.write_origin(&mut output)?;
    }
    Ok(())
}

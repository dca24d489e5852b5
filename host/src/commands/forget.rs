//! `memt forget`.

use super::bank_file::{BankOptions, find, owner_option};
use super::options::OutputOptions;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::store::Store;
use crate::terminal::print_json;
use memt_core::slot::{Key, Owner};
use serde_json::json;
use std::io::Write;

/// Forget memories for good: by key or id, all of an owner's, or all
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Keys as `memt list` prints them, or ids
    #[arg(value_name = "KEY|ID")]
    memories: Vec<String>,
    #[command(flatten)]
    bank: BankOptions,
    /// Whose ids; without any key or id, all memories of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Every memory of every owner
    #[arg(long, conflicts_with_all = ["memories", "owner"])]
    all: bool,
    /// Really forget all
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let many = arguments.all || arguments.memories.is_empty();
    if many && !arguments.all && arguments.owner.is_none() {
        return Err(Failure::bad_input(
            "say which: keys or ids, --owner NAME, or --all",
        ));
    }
    let mut store = arguments.bank.open_any()?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let keys = match many {
        true => store.bank().keys_of(owner),
        false => named(&store, owner.unwrap_or_default(), &arguments.memories)?,
    };
    if many && !arguments.yes {
        return Err(Failure::bad_input(format!(
            "this forgets {} memories for good; add --yes",
            keys.len()
        )));
    }
    let forgotten = store.forget(&keys, clock::now())?;
    match arguments.output.json {
        true => print_json(&json!({ "forgotten": forgotten }))?,
        false => writeln!(std::io::stdout(), "forgot {forgotten}").map_err(Failure::of_output)?,
    }
    Ok(match forgotten {
        0 => Outcome::NothingFound,
        _ => Outcome::Done,
    })
}

/// All the memories named, or a failure that names the first that is not there.
fn named(store: &Store, owner: Owner, memories: &[String]) -> Result<Vec<Key>, Failure> {
    let keys = memories.iter().map(|memory| {
        find(store, owner, memory).ok_or_else(|| {
            Failure::failed(format!(
                "no memory `{memory}`, nothing was forgotten; `memt list` shows keys and ids"
            ))
        })
    });
    keys.collect()
}

//! `memt stats`.

use super::bank_file::{BankOptions, owner_option};
use super::options::OutputOptions;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::store::Store;
use crate::terminal::{print_json, print_pairs};
use memt_core::slot::Owner;
use serde_json::{Value, json};

/// Count what is in a bank file
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let store = arguments.bank.open_any()?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let counts = counts(&store, owner)?;
    match arguments.output.json {
        true => print_json(&counts)?,
        false => print_pairs(&counts)?,
    }
    Ok(Outcome::Done)
}

fn counts(store: &Store, owner: Option<Owner>) -> Result<Value, Failure> {
    let bank = store.bank();
    let statistics = bank.statistics(owner);
    let file = std::fs::metadata(store.path())
        .map_err(|error| Failure::failed(format!("{}: {error}", store.path().display())))?;
    let owners = match owner {
        Some(_) => 1,
        None => bank.owners().count(),
    };
    Ok(json!({
        "memories": statistics.memories,
        "owners": owners,
        "text_bytes": statistics.text_bytes,
        "accesses": statistics.accesses,
        "oldest": statistics.oldest.map(clock::format),
        "newest": statistics.newest.map(clock::format),
        "deletions": bank.deletions().count(),
        "model": bank.fingerprint().map(|fingerprint| fingerprint.to_string()),
        "origin": bank.origin(),
        "file": store.path().display().to_string(),
        "file_bytes": file.len(),
    }))
}

//! `memt import`.

use super::bank_file::BankOptions;
use super::options::OutputOptions;
use super::snapshot::read;
use crate::command_line::{Failure, Outcome};
use crate::store::{Opening, StoreError};
use crate::terminal::{print_json, print_pairs};
use memt_core::snapshot::Header;
use serde_json::json;
use std::path::PathBuf;

/// Take a snapshot (`.slots`) into a bank file, which is made if it is missing
///
/// All or nothing. Memories that are there already, or were forgotten there, stay as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The snapshot
    #[arg(value_name = "FILE")]
    snapshot: PathBuf,
    #[command(flatten)]
    bank: BankOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let snapshot = read(&arguments.snapshot)?;
    let header = Header::read(&snapshot).map_err(StoreError::Snapshot)?;
    let mut store = Opening::or_new(&arguments.bank.bank).open_any(header.fingerprint)?;
    let report = store.import(&snapshot)?;
    let report = json!({
        "added": report.added,
        "known": report.known,
        "deletions": report.deletions,
    });
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(Outcome::Done)
}

//! `memt compact`.

use super::bank_file::{BankOptions, owner_option};
use super::options::OutputOptions;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::terminal::print_json;
use serde_json::json;
use std::io::Write;

/// Merge memories that newer ones repeat and, with --keep, remove the least retained
///
/// A memory is merged into a newer one of the same owner that has all its words and nearly its
/// meaning; the newer text stays and inherits strength and accesses. Retention is importance, recency
/// and access.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    /// Whose; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Keep at most this many memories; without it, none is removed
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let mut store = arguments.bank.open_any()?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let done = store.compact(owner, arguments.keep, clock::now())?;
    if arguments.output.json {
        let merged = done
            .merged
            .iter()
            .map(|(survivor, gone)| json!({"key": survivor.to_string(), "gone": gone.to_string()}));
        let removed = done.removed.iter().map(|key| key.to_string());
        print_json(&json!({
            "merged": merged.collect::<Vec<_>>(),
            "removed": removed.collect::<Vec<_>>(),
        }))?;
        return Ok(Outcome::Done);
    }
    let mut output = std::io::stdout().lock();
    for (survivor, gone) in &done.merged {
        writeln!(output, "merged {gone} into {survivor}").map_err(Failure::of_output)?;
    }
    for key in &done.removed {
        writeln!(output, "removed {key}").map_err(Failure::of_output)?;
    }
    let (merged, removed) = (done.merged.len(), done.removed.len());
    writeln!(output, "{merged} merged, {removed} removed").map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}

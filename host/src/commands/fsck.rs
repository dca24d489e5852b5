//! `memt fsck`.

use super::bank_file::BankOptions;
use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::store;
use crate::terminal::{print_json, print_pairs};
use serde_json::json;
use std::path::PathBuf;

/// Check every byte of a bank file and, with --repair, save what is good of a damaged one
///
/// The file itself is never changed. Exit status 1 says that it is damaged. A repair looks for whole
/// memories anywhere in the file, whatever has become of the rest; where the note of a deletion is lost,
/// a forgotten memory may come back.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    /// Write all that is good to this new bank file
    #[arg(long, value_name = "NEW")]
    repair: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let path = &arguments.bank.bank;
    let health = store::check(path)?;
    let mut report = json!({
        "file": path.display().to_string(),
        "ok": health.problems.is_empty(),
        "memories": health.memories,
        "deletions": health.deletions,
        "named_owners": health.owners,
        "problems": health.problems,
    });
    if let Some(new) = &arguments.repair {
        let saved = store::repair(path, new)?;
        report["saved_to"] = json!(new.display().to_string());
        report["saved_memories"] = json!(saved.memories);
        report["saved_deletions"] = json!(saved.deletions);
        report["lost_names"] = json!(saved.nameless);
        report["lost_ids"] = json!(saved.ids_lost);
    }
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(
        match health.problems.is_empty() || arguments.repair.is_some() {
            true => Outcome::Done,
            false => Outcome::NothingFound,
        },
    )
}

//! `memt export`.

use super::bank_file::{BankOptions, owner_option};
use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::terminal::{print_json, print_pairs};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Write a bank file as a snapshot (`.slots`), which a device or another bank takes in
///
/// The file appears whole or not at all.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The snapshot to write; one that is there is replaced
    #[arg(value_name = "FILE")]
    snapshot: PathBuf,
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
    let snapshot = store.export(owner)?;
    write_whole(&arguments.snapshot, &snapshot).map_err(|error| {
        let path = arguments.snapshot.display();
        Failure::failed(format!("cannot write snapshot {path}: {error}"))
    })?;
    let report = json!({
        "file": arguments.snapshot.display().to_string(),
        "bytes": snapshot.len(),
        "memories": store.bank().statistics(owner).memories,
    });
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(Outcome::Done)
}

/// Writes under another name, syncs, and then gives the file its own.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    let write = || {
        use std::io::Write;
        let mut file = std::fs::File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    let written = write();
    if written.is_err() {
        // The first error is the one to tell; the file may not even have been made.
        let _ = std::fs::remove_file(&new);
    }
    written
}

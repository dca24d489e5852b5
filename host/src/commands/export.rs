//! `memt export`.

use super::bank_file::{BankOptions, owner_option};
use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::store::Store;
use crate::terminal::{print_json, print_pairs, progress, waiting};
use crate::transfer::{write_csv, write_jsonl};
use memt_core::slot::Owner;
use serde_json::json;
use std::ffi::OsStr;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write a bank file as a snapshot (`.slots`), which a device or another bank takes in, or for other programs
///
/// The name tells the format: JSON lines (`.jsonl`), a table (`.csv`), a whole copy of the bank file
/// (`.redb`), and a snapshot whatever else it is. The file appears whole or not at all.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file to write; one that is there is replaced, unless it is a bank
    #[arg(value_name = "FILE")]
    file: PathBuf,
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
    let path = &arguments.file;
    let memories = store.bank().statistics(owner).memories;
    let bar = progress(memories as u64, "writing");
    let show = |written: usize| bar.set_position(written as u64);
    let written = match path.extension().and_then(OsStr::to_str) {
        Some("redb") => back_up(&store, owner, path),
        Some("jsonl") => write(path, |file| {
            write_jsonl(&store, owner, file, show).map(drop)
        }),
        Some("csv") => write(path, |file| write_csv(&store, owner, file, show).map(drop)),
        _ => snapshot(&store, owner, path),
    };
    bar.finish_and_clear();
    written?;
    let bytes = std::fs::metadata(path).map_err(Failure::failed)?.len();
    let report = json!({
        "file": path.display().to_string(),
        "bytes": bytes,
        "memories": memories,
    });
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(Outcome::Done)
}

fn snapshot(store: &Store, owner: Option<Owner>, path: &Path) -> Result<(), Failure> {
    let spinner = waiting("writing");
    let snapshot = store.export(owner);
    let written = snapshot
        .map_err(Failure::from)
        .and_then(|snapshot| write(path, |file| file.write_all(&snapshot)));
    spinner.finish_and_clear();
    written
}

fn back_up(store: &Store, owner: Option<Owner>, path: &Path) -> Result<(), Failure> {
    if owner.is_some() {
        return Err(Failure::bad_input(
            "a bank file is copied whole; leave out --owner, or export a snapshot and import that",
        ));
    }
    let backup = store.begin_backup()?;
    let bar = progress(backup.rows()?, "copying");
    let copied = backup.write_to(path, |rows| bar.set_position(rows));
    bar.finish_and_clear();
    Ok(copied?)
}

/// Writes under another name, syncs, and then gives the file its own.
pub(super) fn write(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&std::fs::File>) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    let write = || {
        let file = std::fs::File::create(&new)?;
        let mut buffered = BufWriter::new(&file);
        fill(&mut buffered)?;
        buffered.flush()?;
        drop(buffered);
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    let written = write();
    if written.is_err() {
        // The first error is the one to tell; the file may not even have been made.
        let _ = std::fs::remove_file(&new);
    }
    written.map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}

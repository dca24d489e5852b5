//! `memt snapshot`.

use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::merge::merge;
use crate::terminal::{print_json, print_pairs};
use memt_core::snapshot::{Reader, Record};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Look into a snapshot (`.slots`)
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: SnapshotCommand,
}

#[derive(Debug, clap::Subcommand)]
enum SnapshotCommand {
    /// Say what a snapshot holds
    Info(FileArguments),
    /// Check every byte of a snapshot
    Verify(FileArguments),
    /// Unite snapshots, such as those of several devices, into one
    Merge(MergeArguments),
}

#[derive(Debug, clap::Args)]
struct MergeArguments {
    /// The snapshots, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Where to write the union
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, clap::Args)]
struct FileArguments {
    /// The snapshot
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (description, json) = match arguments.command {
        SnapshotCommand::Info(file) => (info(&file.file)?, file.output.json),
        SnapshotCommand::Verify(file) => (verify(&file.file)?, file.output.json),
        SnapshotCommand::Merge(arguments) => (unite(&arguments)?, arguments.output.json),
    };
    match json {
        true => print_json(&description)?,
        false => print_pairs(&description)?,
    }
    Ok(Outcome::Done)
}

/// The bytes of a snapshot file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::failed(format!("cannot read snapshot {}: {error}", path.display()))
    })
}

fn damaged(path: &Path) -> impl Fn(memt_core::snapshot::ReadError) -> Failure + '_ {
    move |error| Failure::bad_input(format!("{}: {error}", path.display()))
}

fn verify(path: &Path) -> Result<Value, Failure> {
    let header = Reader::check(&read(path)?).map_err(damaged(path))?;
    Ok(json!({
        "file": path.display().to_string(),
        "ok": true,
        "records": header.count,
        "model": header.fingerprint.to_string(),
    }))
}

fn info(path: &Path) -> Result<Value, Failure> {
    let bytes = read(path)?;
    let reader = Reader::open(&bytes).map_err(damaged(path))?;
    let header = reader.header();
    let (mut memories, mut deletions, mut text_bytes, mut metadata_bytes) = (0, 0, 0, 0);
    let mut owners = BTreeSet::new();
    for record in reader {
        match record.map_err(damaged(path))? {
            Record::Memory(memory) => {
                memories += 1;
                text_bytes += memory.text.len();
                metadata_bytes += memory.metadata.len();
                owners.insert(memory.facts.owner);
            }
            _ => deletions += 1,
        }
    }
    Ok(json!({
        "file": path.display().to_string(),
        "bytes": bytes.len(),
        "model": header.fingerprint.to_string(),
        "memories": memories,
        "owners": owners.len(),
        "deletions": deletions,
        "text_bytes": text_bytes,
        "metadata_bytes": metadata_bytes,
    }))
}

fn unite(arguments: &MergeArguments) -> Result<Value, Failure> {
    let snapshots = arguments.files.iter().map(|file| read(file));
    let snapshots: Vec<Vec<u8>> = snapshots.collect::<Result<_, _>>()?;
    let (bytes, merged) = merge(&snapshots).map_err(Failure::bad_input)?;
    let out = arguments.out.display();
    std::fs::write(&arguments.out, &bytes)
        .map_err(|error| Failure::failed(format!("cannot write {out}: {error}")))?;
    Ok(json!({
        "file": out.to_string(),
        "bytes": bytes.len(),
        "memories": merged.memories,
        "deletions": merged.deletions,
        "removed": merged.removed,
    }))
}

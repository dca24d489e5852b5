//! `memt snapshot`.

use super::options::OutputOptions;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::merge::Merging;
use crate::select::{SelectError, Selection, select};
use crate::store::owner_of_name;
use crate::terminal::{print_json, print_pairs, progress};
use memt_core::snapshot::{Reader, Record};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Look into, merge and cut snapshots (`.slots`)
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
    /// Take a part of a snapshot: one owner's memories, or the most retained that fit a device
    ///
    /// All deletions go along, so that a device forgets what was forgotten elsewhere.
    Select(SelectArguments),
}

#[derive(Debug, clap::Args)]
struct SelectArguments {
    /// The snapshot
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write the part
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// At most so many, those of most retention
    #[arg(long, value_name = "N")]
    most: Option<usize>,
    /// Leave out longer texts
    #[arg(long, value_name = "BYTES")]
    text_bytes: Option<usize>,
    /// Leave out texts of more distinct terms
    #[arg(long, value_name = "N")]
    terms: Option<usize>,
    #[command(flatten)]
    output: OutputOptions,
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
        SnapshotCommand::Select(arguments) => (part(&arguments)?, arguments.output.json),
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
    let (mut memories, mut deletions, mut judgements) = (0, 0, 0);
    let (mut text_bytes, mut metadata_bytes) = (0, 0);
    let mut owners = BTreeSet::new();
    for record in reader {
        match record.map_err(damaged(path))? {
            Record::Memory(memory) => {
                memories += 1;
                text_bytes += memory.text.len();
                metadata_bytes += memory.metadata.len();
                owners.insert(memory.facts.owner);
            }
            Record::Deletion(_) => deletions += 1,
            _ => judgements += 1,
        }
    }
    Ok(json!({
        "file": path.display().to_string(),
        "bytes": bytes.len(),
        "model": header.fingerprint.to_string(),
        "memories": memories,
        "owners": owners.len(),
        "deletions": deletions,
        "judgements": judgements,
        "text_bytes": text_bytes,
        "metadata_bytes": metadata_bytes,
    }))
}

fn part(arguments: &SelectArguments) -> Result<Value, Failure> {
    let selection = Selection {
        owner: arguments.owner.as_deref().map(owner_of_name),
        most: arguments.most,
        now: clock::now(),
        text_bytes: arguments.text_bytes,
        terms: arguments.terms,
    };
    let (bytes, selected) =
        select(&read(&arguments.file)?, &selection).map_err(|error| match error {
            SelectError::Read(error) => damaged(&arguments.file)(error),
            error => Failure::failed(error),
        })?;
    write_whole(&arguments.out, &bytes)?;
    Ok(json!({
        "file": arguments.out.display().to_string(),
        "bytes": bytes.len(),
        "memories": selected.memories,
        "deletions": selected.deletions,
        "judgements": selected.judgements,
        "too_large": selected.too_large,
        "left_out": selected.left_out,
    }))
}

fn unite(arguments: &MergeArguments) -> Result<Value, Failure> {
    let mut merging = Merging::default();
    let bar = progress(arguments.files.len() as u64, "merging");
    for file in &arguments.files {
        let added = merging.add(&read(file)?);
        added.map_err(|error| Failure::bad_input(format!("{}: {error}", file.display())))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let (bytes, merged) = merging.finish().map_err(Failure::bad_input)?;
    write_whole(&arguments.out, &bytes)?;
    let out = arguments.out.display();
    Ok(json!({
        "file": out.to_string(),
        "bytes": bytes.len(),
        "memories": merged.memories,
        "deletions": merged.deletions,
        "judgements": merged.judgements,
        "removed": merged.removed,
    }))
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    super::export::write(path, |file| std::io::Write::write_all(file, bytes))
}

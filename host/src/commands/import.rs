//! `memt import`.

use super::bank_file::{BankOptions, SearchOptions};
use super::options::{ModelOptions, OutputOptions};
use super::snapshot::read;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::store::{Opening, StoreError};
use crate::terminal::{bytes_progress, print_json, print_pairs, waiting};
use crate::transfer::{Format, LoadError, load};
use memt_core::snapshot::Header;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

/// Take memories from a file into a bank file, which is made if it is missing
///
/// A snapshot (`.slots`) is taken in all or not at all; memories that are there already, or were forgotten
/// there, stay as they are. Texts (`.txt`), JSON lines (`.jsonl`), tables (`.csv`) and what mem0's `get_all`
/// returns (`.json`) are encoded on all cores and stored 4096 at a time; at a bad record the import stops,
/// and what came before it is kept. A memory with an id takes the place of an earlier one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The file; `-` reads standard input, as text if --format says nothing
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What the file holds; without it, what its name tells
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Whose memories, where the file does not say
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    /// Leave out the first N records, which an earlier import took in
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
    #[command(flatten)]
    bank: BankOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let extension = arguments.file.extension().and_then(OsStr::to_str);
    let report = match (arguments.format, extension) {
        (None, Some("slots")) => take_in(&arguments)?,
        (Some(format), _) => encode(&arguments, format)?,
        (None, _) if is_input(&arguments.file) => encode(&arguments, Format::Text)?,
        (None, extension) => {
            let format = extension.and_then(Format::of_extension);
            let unknown = || {
                let file = arguments.file.display();
                Failure::bad_input(format!(
                    "{file} does not tell what it holds: its name ends in none of .slots .txt .jsonl .csv .json; say --format"
                ))
            };
            encode(&arguments, format.ok_or_else(unknown)?)?
        }
    };
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(Outcome::Done)
}

fn is_input(file: &Path) -> bool {
    file == Path::new("-")
}

fn take_in(arguments: &Arguments) -> Result<Value, Failure> {
    let snapshot = read(&arguments.file)?;
    let header = Header::read(&snapshot).map_err(StoreError::Snapshot)?;
    let mut store = Opening::or_new(&arguments.bank.bank).open_any(header.fingerprint)?;
    let spinner = waiting("taking in");
    let report = store.import(&snapshot);
    spinner.finish_and_clear();
    let report = report?;
    Ok(json!({
        "added": report.added,
        "known": report.known,
        "deletions": report.deletions,
    }))
}

fn encode(arguments: &Arguments, format: Format) -> Result<Value, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::failed(format!("cannot read {}: {error}", arguments.file.display()))
    };
    let (input, bytes): (Box<dyn Read + Send>, u64) = match is_input(&arguments.file) {
        true => (Box::new(std::io::stdin()), 0),
        false => {
            let file = File::open(&arguments.file).map_err(unreadable)?;
            let bytes = file.metadata().map_err(unreadable)?.len();
            (Box::new(file), bytes)
        }
    };
    let search = SearchOptions {
        bank: arguments.bank.clone(),
        model: arguments.model.clone(),
        reencode: false,
    };
    let (mut store, model) = search.open_or_make()?;
    let encoder = model.text_encoder(Default::default());
    let encoder = encoder.map_err(Failure::bad_input)?;
    let bar = bytes_progress(bytes);
    let records = format.read(BufReader::new(bar.wrap_read(input)));
    let records = records.skip(arguments.skip);
    let (owner, now) = (&arguments.owner, clock::now());
    let (loaded, result) = load(&mut store, &encoder, records, owner, now, |added| {
        bar.set_message(format!("{added} memories"));
    });
    bar.finish_and_clear();
    result.map_err(|error| {
        let file = arguments.file.display();
        let kept = loaded.added;
        let next = arguments.skip + kept;
        let message = format!(
            "{file}: {error}; {kept} memories before it are stored, go on with --skip {next}"
        );
        match error {
            LoadError::Record(_) => Failure::bad_input(message),
            _ => Failure::failed(message),
        }
    })?;
    Ok(json!({ "added": loaded.added, "replaced": loaded.replaced }))
}

//! `memt add`.

use super::bank_file::SearchOptions;
use super::input::{Text, texts};
use super::options::OutputOptions;
use crate::bank::OwnedSlot;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::model::TextEncoder;
use crate::store::{Added, NewEntry, owner_of_name};
use crate::terminal::{FAINT, GOOD, print_json, progress};
use memt_core::slot::{Factor, Timestamp};
use memt_core::write::NewMemory;
use memt_core::write::rivals::RIVAL_COSINE;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Memories in one transaction.
const BATCH: usize = 1024;

/// Additions that are printed one by one.
const FEW: usize = 20;

/// Add memories to a bank file, which is made if it is missing
///
/// All texts are checked before the first is added. They are added 1024 at a time; what is reported
/// as added is on disk. Each is told from memories that say nearly the same, and the nearest of those
/// from it.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Texts, one memory each; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "TEXT")]
    texts: Vec<String>,
    #[command(flatten)]
    bank: SearchOptions,
    /// Whose memories: any name; a number below 2^32 stands for itself
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    /// Your own name for the memory; if it is in use, the earlier memory is forgotten
    #[arg(long)]
    id: Option<String>,
    /// Anything in JSON, kept beside the memory
    #[arg(long, value_name = "JSON", value_parser = json_value)]
    meta: Option<Value>,
    /// When it was written, such as 2023-05-08T13:56:00; now without it
    #[arg(long, value_parser = clock::parse)]
    time: Option<Timestamp>,
    #[command(flatten)]
    output: OutputOptions,
}

fn json_value(given: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(given)
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let texts = texts(&arguments.texts)?;
    if arguments.id.is_some() && texts.len() != 1 {
        return Err(Failure::bad_input("--id names one memory; give one text"));
    }
    let (mut store, model) = arguments.bank.open_or_make_of(Some(&arguments.owner))?;
    let encoder = model
        .text_encoder(Default::default())
        .map_err(Failure::bad_input)?;
    let entries = entries(&arguments, &texts, &encoder)?;
    let bar = progress(entries.len() as u64, "adding");
    let mut added = Vec::with_capacity(entries.len());
    for batch in entries.chunks(BATCH) {
        let done = store
            .add(batch.to_vec())
            .map_err(|error| match added.len() {
                0 => Failure::from(error),
                kept => Failure::failed(format!("{error} ({kept} memories were added before)")),
            })?;
        let near = done.iter().filter(|one| has_rivals(one)).map(|one| one.key);
        store.learn(&near.collect::<Vec<_>>(), &encoder)?;
        bar.inc(done.len() as u64);
        added.extend(done);
    }
    bar.finish_and_clear();
    match arguments.output.json {
        true => print_json(&json!({
            "added": added.iter().map(described).collect::<Vec<_>>()
        }))?,
        false => print(&added).map_err(Failure::of_output)?,
    }
    Ok(Outcome::Done)
}

/// Whether there is a memory that this one could be mistaken for.
fn has_rivals(added: &Added) -> bool {
    added.verification.rival.to_f32() >= RIVAL_COSINE
}

/// Checks, encodes and prepares all texts.
fn entries(
    arguments: &Arguments,
    texts: &[Text],
    encoder: &TextEncoder<'_>,
) -> Result<Vec<NewEntry>, Failure> {
    let metadata = match &arguments.meta {
        Some(meta) => meta.to_string().into_bytes(),
        None => Vec::new(),
    };
    let created = arguments.time.unwrap_or_else(clock::now);
    let bar = progress(texts.len() as u64, "encoding");
    let entries = texts.par_iter().map(|text| {
        let embedding = encoder.encode_one(&text.text).map_err(Failure::bad_input)?;
        let new = NewMemory {
            owner: owner_of_name(&arguments.owner),
            text: &text.text,
            embedding: &embedding,
            created,
            importance: Factor::ONE,
        };
        let slot = OwnedSlot::of(&new, &metadata)
            .map_err(|error| Failure::bad_input(format!("{}{error}", text.place())))?;
        bar.inc(1);
        Ok(NewEntry {
            slot,
            owner_name: arguments.owner.clone(),
            external_id: arguments.id.clone(),
        })
    });
    let entries = entries.collect();
    bar.finish_and_clear();
    entries
}

fn described(added: &Added) -> Value {
    json!({
        "key": added.key.to_string(),
        "similarity": added.verification.similarity.to_f32(),
        "rival": added.verification.rival.to_f32(),
        "verified": added.verification.verified,
        "replaced": added.replaced.map(|key| key.to_string()),
    })
}

fn print(added: &[Added]) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for one in added.iter().take(if added.len() > FEW { 0 } else { FEW }) {
        write!(output, "{GOOD}added{GOOD:#} {}", one.key)?;
        if let Some(replaced) = one.replaced {
            write!(output, "  in place of {replaced}")?;
        }
        if !one.verification.verified {
            let rival = one.verification.rival.to_f32();
            write!(
                output,
                "  {FAINT}as near to an earlier memory ({rival:.2}) as to itself{FAINT:#}"
            )?;
        }
        writeln!(output)?;
    }
    if added.len() > FEW {
        let unverified = added.iter().filter(|one| !one.verification.verified);
        let (count, unverified) = (added.len(), unverified.count());
        writeln!(
            output,
            "{GOOD}added{GOOD:#} {count} memories, {unverified} of them as near to an earlier memory as to themselves"
        )?;
    }
    Ok(())
}

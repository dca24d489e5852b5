//! `memt add`.

mod report;

use super::bank_file::SearchOptions;
use super::input::{Text, texts};
use super::options::OutputOptions;
use crate::bank::OwnedSlot;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::model::TextEncoder;
use crate::store::{Added, NewEntry, Store, StoreError, owner_of_name};
use crate::terminal::{print_json, progress};
use memt_core::slot::{Factor, Key, Timestamp};
use memt_core::write::NewMemory;
use memt_core::write::rivals::RIVAL_COSINE;
use rayon::prelude::*;
use report::Written;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Memories in one transaction.
const BATCH: usize = 1024;

/// Add memories to a bank file, which is made if it is missing
///
/// All texts are checked before the first is added. They are added 1024 at a time; what is reported
/// as added is on disk. Each is told from memories that say nearly the same, and the nearest of those
/// from it: how many steps that took, and which memory was changed besides, is printed.
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
        let done = add_batch(&mut store, batch, &encoder).map_err(|error| match added.len() {
            0 => Failure::from(error),
            kept => Failure::failed(format!("{error} ({kept} memories were added before)")),
        })?;
        bar.inc(done.len() as u64);
        added.extend(done);
    }
    bar.finish_and_clear();
    match arguments.output.json {
        true => print_json(&json!({
            "added": added.iter().map(Written::described).collect::<Vec<_>>()
        }))?,
        false => {
            report::print(&added, &mut anstream::stdout().lock()).map_err(Failure::of_output)?
        }
    }
    Ok(Outcome::Done)
}

/// Adds memories, then tells those that need it from memories that say nearly the same.
fn add_batch(
    store: &mut Store,
    batch: &[NewEntry],
    encoder: &TextEncoder<'_>,
) -> Result<Vec<Written>, StoreError> {
    let added = store.add(batch.to_vec())?;
    let near = added.iter().filter(|one| has_rivals(one));
    let near: Vec<Key> = near.map(|one| one.key).collect();
    let learned: HashMap<_, _> = store.learn(&near, encoder)?.into_iter().collect();
    let written = added.into_iter().map(|added| Written {
        added,
        learned: learned.get(&added.key).copied(),
    });
    Ok(written.collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::store::Opening;

    const TEXTS: [&str; 3] = [
        "Anna's piano lesson is on Tuesday at five",
        "Anna's piano lesson is on Friday at five",
        "green tea is in the drawer",
    ];

    fn entry(text: &str, encoder: &TextEncoder<'_>) -> NewEntry {
        let new = NewMemory {
            owner: owner_of_name("0"),
            text,
            embedding: &encoder.encode_one(text).unwrap(),
            created: Timestamp(1000),
            importance: Factor::ONE,
        };
        NewEntry {
            slot: OwnedSlot::of(&new, &[]).unwrap(),
            owner_name: "0".to_owned(),
            external_id: None,
        }
    }

    /// What is printed is what the bank then holds.
    #[test]
    fn what_a_write_did_is_said() {
        let folder = std::env::temp_dir().join(format!("memt-add-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let model = Model::built_in().unwrap();
        let encoder = model.text_encoder(Default::default()).unwrap();
        let opening = Opening::or_new(&folder.join("bank.redb"));
        let mut store = opening.open(encoder.fingerprint()).unwrap();
        let entries = TEXTS.map(|text| entry(text, &encoder));
        let mut written = add_batch(&mut store, &entries[..1], &encoder).unwrap();
        written.extend(add_batch(&mut store, &entries[1..], &encoder).unwrap());
        let said: Vec<Value> = written.iter().map(Written::described).collect();
        for (text, written) in TEXTS.iter().zip(&written).skip(1) {
            let held = store.bank().get(written.added.key).unwrap().embedding;
            let direct = *held == encoder.encode_one(text).unwrap();
            let said = written.described();
            assert_eq!(said["steps"] == 0, direct, "{text}: {said}");
        }
        drop(store);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(said[1]["steps"].as_u64() > Some(0), "{said:?}");
        let similarity = said[1]["similarity"].as_f64().unwrap();
        assert!((0.97..0.9999).contains(&similarity), "{similarity}");
        assert_eq!(
            said[1]["fitted_too"]["key"],
            written[0].added.key.to_string()
        );
        for alone in [&said[0], &said[2]] {
            assert!(
                alone["steps"] == 0 && alone["fitted_too"].is_null(),
                "{alone}"
            );
        }
    }
}

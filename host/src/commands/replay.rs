//! `memt replay`.

use super::bank_file::{SearchOptions, find, owner_option};
use super::options::OutputOptions;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::terminal::print_json;
use memt_core::slot::Key;
use serde_json::json;
use std::io::Write;

/// Rehearse memories: strengthen each and tell it better from similar ones
///
/// Strength grows by 2 % and importance by 1 %, up to twice what they began at, and the memory's
/// vector is fitted anew among those that are there now. No other memory changes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Keys as `memt list` prints them, or ids; without any, all
    #[arg(value_name = "KEY|ID")]
    memories: Vec<String>,
    #[command(flatten)]
    bank: SearchOptions,
    /// Whose; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (mut store, model) = arguments.bank.open()?;
    let encoder = model.text_encoder(Default::default());
    let encoder = encoder.map_err(Failure::bad_input)?;
    let owner = owner_option(&store, arguments.owner.as_deref())?;
    let named = |memory: &String| {
        find(&store, owner.unwrap_or_default(), memory).ok_or_else(|| {
            Failure::failed(format!(
                "no memory `{memory}`, nothing was replayed; `memt list` shows keys and ids"
            ))
        })
    };
    let keys: Vec<Key> = match arguments.memories.is_empty() {
        true => store.bank().keys_of(owner),
        false => arguments
            .memories
            .iter()
            .map(named)
            .collect::<Result<_, _>>()?,
    };
    let replayed = store.replay(&keys, &encoder, clock::now())?;
    if arguments.output.json {
        let described = replayed.iter().map(|one| {
            json!({
                "key": one.key.to_string(),
                "steps": one.report.steps,
                "similarity": one.report.verification.similarity.to_f32(),
                "rival": one.report.verification.rival.to_f32(),
                "verified": one.report.verification.verified,
            })
        });
        print_json(&json!({ "replayed": described.collect::<Vec<_>>() }))?;
    } else {
        let moved = replayed.iter().filter(|one| one.report.steps > 0).count();
        let count = replayed.len();
        writeln!(
            std::io::stdout(),
            "replayed {count}, {moved} of them fitted among similar ones"
        )
        .map_err(Failure::of_output)?;
    }
    Ok(match replayed.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

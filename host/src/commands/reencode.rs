//! `memt reencode`.

use super::bank_file::BankOptions;
use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::store::{Opening, Reencoded, StoreError};
use crate::terminal::{print_json, print_pairs, progress};
use memt_core::encoder::Fingerprint;
use serde_json::json;

/// Change a bank file to another model: encode its texts anew
///
/// It may be interrupted at any moment: the bank is of the old model or of the new one, whole, and the
/// same command goes on where it was.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    bank: BankOptions,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let model = arguments.model.load()?;
    let encoder = model
        .text_encoder(Default::default())
        .map_err(Failure::bad_input)?;
    let opening = Opening::existing(&arguments.bank.bank);
    let (mut encoded, mut settled) = (0, 0);
    with_bar(|show| {
        opening.reencode(&encoder, |state| {
            show(state);
            match state {
                Reencoded::Encoded { done, .. } => encoded = done,
                Reencoded::Settled { done, .. } => settled = done,
            }
        })
    })?;
    let Fingerprint(fingerprint) = encoder.fingerprint();
    let report = json!({
        "file": arguments.bank.bank.display().to_string(),
        "model": format!("{fingerprint:016x}"),
        "encoded": encoded,
        "stored": settled,
    });
    match arguments.output.json {
        true => print_json(&report)?,
        false => print_pairs(&report)?,
    }
    Ok(Outcome::Done)
}

/// Shows how far a change of models is, as `change` tells it.
pub(super) fn with_bar(
    change: impl FnOnce(&mut dyn FnMut(Reencoded)) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let bar = progress(0, "encoding");
    let changed = change(&mut |state| {
        let (what, done, of) = match state {
            Reencoded::Encoded { done, of } => ("encoding", done, of),
            Reencoded::Settled { done, of } => ("storing", done, of),
        };
        bar.set_message(what);
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    changed
}

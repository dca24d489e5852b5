//! `memt reencode`.

use super::bank_file::BankOptions;
use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::store::{Opening, Reencoded};
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
    let bar = progress(0, "encoding");
    let (mut encoded, mut settled) = (0, 0);
    let done = opening.reencode(&encoder, |state| match state {
        Reencoded::Encoded { done, of } => {
            encoded = done;
            bar.set_length(of);
            bar.set_position(done);
        }
        Reencoded::Settled { done, of } => {
            settled = done;
            bar.set_message("storing");
            bar.set_length(of);
            bar.set_position(done);
        }
    });
    bar.finish_and_clear();
    done?;
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

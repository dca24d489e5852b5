//! `memt env`.

use super::bank_file::BankOptions;
use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::terminal::{print_json, print_pairs};
use serde_json::json;

/// Print the settings that commands would use here
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
    let image = model.image().map_err(Failure::bad_input)?;
    let settings = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "bank": arguments.bank.bank.display().to_string(),
        "bank_exists": arguments.bank.bank.exists(),
        "model": model.source().to_string(),
        "model_fingerprint": image.fingerprint().to_string(),
        "model_bytes": image.bytes().len(),
        "data": std::env::var_os("MEMT_DATA").map(|data| data.to_string_lossy().into_owned()),
        "threads": rayon::current_num_threads(),
        "trainer": cfg!(feature = "train"),
    });
    match arguments.output.json {
        true => print_json(&settings)?,
        false => print_pairs(&settings)?,
    }
    Ok(Outcome::Done)
}

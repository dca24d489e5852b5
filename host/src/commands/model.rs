//! `memt model`.

mod pack;

use super::options::{ModelOptions, OutputOptions};
use crate::command_line::{Failure, Outcome};
use crate::model::Model;
use crate::terminal::{print_json, print_pairs};
use memt_core::encoder::config::FrontEnd;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Look into a model image
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ModelCommand {
    /// Say what an image holds
    Info(ImageArguments),
    /// Check every byte of an image: checksum, fingerprint, tensors
    Verify(ImageArguments),
    /// Store an image's numbers in another format (needs the cargo feature `train`)
    Pack(pack::Arguments),
}

#[derive(Debug, clap::Args)]
struct ImageArguments {
    /// The image; without it, --model, MEMT_MODEL or the one built into this program
    #[arg(value_name = "IMAGE")]
    image: Option<PathBuf>,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl ImageArguments {
    fn load(&self) -> Result<Model, Failure> {
        match &self.image {
            Some(path) => Model::read(path).map_err(Failure::bad_input),
            None => self.model.load(),
        }
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (description, json) = match arguments.command {
        ModelCommand::Info(image) => (info(&image.load()?)?, image.output.json),
        ModelCommand::Verify(image) => (verify(&image.load()?)?, image.output.json),
        ModelCommand::Pack(arguments) => return pack::run(arguments),
    };
    match json {
        true => print_json(&description)?,
        false => print_pairs(&description)?,
    }
    Ok(Outcome::Done)
}

fn info(model: &Model) -> Result<Value, Failure> {
    let image = model.image().map_err(Failure::bad_input)?;
    let config = image.config();
    let mut tensors = Vec::new();
    for entry in image.entries() {
        let entry = entry.map_err(Failure::bad_input)?;
        tensors.push(format!(
            "{:?} [{}, {}] {:?}, {} bytes",
            entry.name,
            entry.rows,
            entry.columns,
            entry.format,
            entry.bytes()
        ));
    }
    let mut description = json!({
        "source": model.source().to_string(),
        "bytes": image.bytes().len(),
        "fingerprint": image.fingerprint().to_string(),
        "body": format!("{:?}", config.body).to_lowercase(),
        "scratch_bytes": config.scratch_bytes(),
    });
    if let FrontEnd::Words(front) = config.front {
        description["words"] = front.words.into();
        description["ngram_rows"] = front.ngrams.into();
        description["row_width"] = front.row_width.into();
        description["window"] = front.window.into();
    }
    description["tensors"] = tensors.into();
    Ok(description)
}

fn verify(model: &Model) -> Result<Value, Failure> {
    let image = model.image().map_err(Failure::bad_input)?;
    if !image.verify_fingerprint() {
        return Err(Failure::bad_input(format!(
            "{}: the fingerprint {} is not that of the contents; train or pack the image again",
            model.source(),
            image.fingerprint()
        )));
    }
    let arithmetics = match model.encoder() {
        Ok(_) => "fixed and f32",
        Err(_) => "f32 only: the image holds floats",
    };
    Ok(json!({
        "source": model.source().to_string(),
        "ok": true,
        "fingerprint": image.fingerprint().to_string(),
        "arithmetic": arithmetics,
    }))
}

//! The model that a device encodes with.

use super::{PortOptions, print};
use crate::command_line::{Failure, Outcome};
use crate::commands::options::OutputOptions;
use crate::model::Model;
use crate::terminal::progress;
use memt_core::link::{ModelCall, ModelState};
use serde_json::json;
use std::path::PathBuf;

/// Bytes of a piece: a multiple of every flash's unit.
const PIECE: usize = 256;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ModelCommand {
    /// Say which model the device has
    Info(Common),
    /// Send a model, check it and switch to it; the memories are encoded anew
    Load(Load),
    /// Switch back to the model in the firmware
    Revert(Common),
}

#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, clap::Args)]
struct Load {
    /// The image (`.memt`)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Send and check it, and do not switch yet
    #[arg(long)]
    only_send: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    match &arguments.command {
        ModelCommand::Info(common) => {
            let state = common.port.begin()?.model(ModelCall::State)?;
            report(&state, common.output)
        }
        ModelCommand::Revert(common) => {
            let state = common.port.begin()?.model(ModelCall::Revert)?;
            report(&state, common.output)
        }
        ModelCommand::Load(load) => send(load),
    }
}

fn report(state: &ModelState, output: OutputOptions) -> Result<Outcome, Failure> {
    print(
        &json!({
            "room": state.capacity,
            "image_bytes": state.bytes,
            "image": state.fingerprint.to_string(),
            "received": state.received,
            "active": state.active,
        }),
        output,
    )?;
    Ok(Outcome::Done)
}

fn send(load: &Load) -> Result<Outcome, Failure> {
    let model = Model::read(&load.file).map_err(Failure::bad_input)?;
    let image = model.image().map_err(Failure::bad_input)?;
    let bytes = image.bytes();
    let mut client = load.common.port.begin()?;
    let begin = ModelCall::Begin {
        bytes: bytes.len() as u32,
        fingerprint: image.fingerprint(),
    };
    let mut state = client.model(begin)?;
    let bar = progress(bytes.len() as u64, "sending");
    while (state.received as usize) < bytes.len() {
        let start = state.received as usize;
        let end = (start + PIECE).min(bytes.len());
        state = client.model(ModelCall::Write {
            offset: start as u32,
            bytes: &bytes[start..end],
        })?;
        bar.set_position(u64::from(state.received));
    }
    bar.finish_and_clear();
    if !load.only_send {
        state = client.model(ModelCall::Activate)?;
    }
    report(&state, load.common.output)
}

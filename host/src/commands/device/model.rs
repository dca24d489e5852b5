//! The model that a device encodes with.

use super::{PortOptions, print};
use crate::command_line::{Failure, Outcome};
use crate::commands::options::OutputOptions;
use crate::device::{Client, LinkError, Port};
use crate::model::Model;
use crate::terminal::{progress, waiting};
use memt_core::encoder::Fingerprint;
use memt_core::link::{ModelCall, ModelState};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Bytes of a piece: a multiple of every flash's unit.
const PIECE: usize = 256;

/// How long a device may take to start again and encode its memories anew.
const RESTART_PATIENCE: Duration = Duration::from_secs(300);

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
            let mut client = common.port.begin()?;
            let before = client.model(ModelCall::State)?;
            let state = switched(&mut client, ModelCall::Revert, before)?;
            if !before.active {
                return report(&state, common.output);
            }
            let model = restarted(&mut client)?;
            report_switch(&state, model, common.output)
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
    if load.only_send {
        return report(&state, load.common.output);
    }
    let state = switched(&mut client, ModelCall::Activate, state)?;
    let model = restarted(&mut client)?;
    if model.is_some_and(|model| model != image.fingerprint()) {
        return Err(Failure::failed(
            "the device encodes with another model: what it found in its flash was damaged; send the model again",
        ));
    }
    report_switch(&state, model, load.common.output)
}

/// Chooses a model, after which the device starts again. It has done so too where its answer was lost on the line.
fn switched(
    client: &mut Client<Port>,
    call: ModelCall<'_>,
    before: ModelState,
) -> Result<ModelState, Failure> {
    match client.model(call) {
        Err(LinkError::Restarted) => Ok(ModelState {
            active: call == ModelCall::Activate,
            ..before
        }),
        answered => Ok(answered?),
    }
}

/// The model that a device encodes with after it has started again; `None` if its port is gone.
fn restarted(client: &mut Client<Port>) -> Result<Option<Fingerprint>, Failure> {
    let spinner = waiting("the device starts again and encodes its memories anew");
    let end = Instant::now() + RESTART_PATIENCE;
    loop {
        match client.greet() {
            Ok(()) => {
                spinner.finish_and_clear();
                return Ok(Some(client.device().fingerprint));
            }
            // USB is unplugged for a moment, and a machine in QEMU ends.
            Err(LinkError::Port(_)) => return Ok(None),
            Err(LinkError::Silent { .. } | LinkError::Noise { .. }) if Instant::now() < end => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn report_switch(
    state: &ModelState,
    model: Option<Fingerprint>,
    output: OutputOptions,
) -> Result<Outcome, Failure> {
    let Some(model) = model else {
        anstream::eprintln!(
            "the device starts again and encodes its memories anew; its port closed meanwhile"
        );
        return report(state, output);
    };
    print(
        &json!({ "model": model.to_string(), "from_second_region": state.active }),
        output,
    )?;
    Ok(Outcome::Done)
}

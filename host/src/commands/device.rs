//! `memt device`.

mod judging;
mod model;
mod reading;
mod transfer;
mod writing;

use super::options::OutputOptions;
use crate::command_line::{Failure, Outcome};
use crate::device::{BAUD, Client, LinkError, Port, open, ports};
use crate::terminal::{FAINT, STRONG, print_json, print_pairs, waiting};
use serde_json::json;
use std::io::Write;

/// Talk to a device over a serial port or TCP
///
/// Everything that a device reports as done is in its flash. Damaged and lost bytes are noticed and sent
/// again.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, clap::Subcommand)]
enum DeviceCommand {
    /// List this computer's serial ports
    Ports(OutputOptions),
    /// Say what the device is
    Info(reading::Info),
    /// Add memories
    Add(writing::Add),
    /// Ask the device a question
    Query(reading::Query),
    /// List memories, oldest first
    List(reading::List),
    /// Print a memory by key
    Get(reading::Get),
    /// Forget memories for good
    Forget(writing::Forget),
    /// Count what the device holds
    Stats(reading::Stats),
    /// Say whether a memory answers a question, so that the device learns of it
    Judge(judging::Judge),
    /// Rehearse memories, which strengthens them
    Replay(writing::Replay),
    /// Forget the least retained memories
    Compact(writing::Compact),
    /// Show or set the device's time
    Time(writing::Time),
    /// Copy the device's memories into a snapshot; one that was cut begins anew
    Pull(transfer::Pull),
    /// Copy a snapshot's memories to the device
    Push(transfer::Push),
    /// Replace the model that the device encodes with
    Model(model::Arguments),
}

/// Where the device is.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct PortOptions {
    /// Serial port, such as /dev/ttyACM0 or COM3 (`memt device ports` lists them), or tcp:HOST:PORT
    #[arg(long, env = "MEMT_PORT", value_name = "PORT")]
    port: Option<String>,
    /// Bits a second on a serial port
    #[arg(long, default_value_t = BAUD, value_name = "BAUD")]
    baud: u32,
}

impl PortOptions {
    pub(super) fn begin(&self) -> Result<Client<Port>, Failure> {
        let port = self.port.as_deref().ok_or_else(no_port)?;
        let stream = open(port, self.baud)?;
        let spinner = waiting("waiting for the device");
        let client = Client::begin(stream);
        spinner.finish_and_clear();
        Ok(client?)
    }
}

/// Nobody said where the device is.
fn no_port() -> Failure {
    let names = ports().map(|ports| ports.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    let known = match names {
        Ok(names) if !names.is_empty() => format!("this computer has {}", names.join(", ")),
        _ => "this computer has no serial port".to_owned(),
    };
    Failure::bad_input(format!(
        "where is the device? Say --port PORT, or set MEMT_PORT; {known}"
    ))
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Open { .. } | LinkError::TooLong { .. } => Self::bad_input(error),
            other => Self::failed(other),
        }
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    match arguments.command {
        DeviceCommand::Ports(output) => list_ports(output),
        DeviceCommand::Info(arguments) => reading::info(&arguments),
        DeviceCommand::Add(arguments) => writing::add(&arguments),
        DeviceCommand::Query(arguments) => reading::query(&arguments),
        DeviceCommand::List(arguments) => reading::list(&arguments),
        DeviceCommand::Get(arguments) => reading::get(&arguments),
        DeviceCommand::Forget(arguments) => writing::forget(&arguments),
        DeviceCommand::Stats(arguments) => reading::stats(&arguments),
        DeviceCommand::Judge(arguments) => judging::judge(&arguments),
        DeviceCommand::Replay(arguments) => writing::replay(&arguments),
        DeviceCommand::Compact(arguments) => writing::compact(&arguments),
        DeviceCommand::Time(arguments) => writing::time(&arguments),
        DeviceCommand::Pull(arguments) => transfer::pull(&arguments),
        DeviceCommand::Push(arguments) => transfer::push(&arguments),
        DeviceCommand::Model(arguments) => model::run(&arguments),
    }
}

fn list_ports(output: OutputOptions) -> Result<Outcome, Failure> {
    let ports = ports()?;
    if output.json {
        let ports: Vec<_> = ports
            .iter()
            .map(|(name, about)| json!({ "port": name, "about": about }))
            .collect();
        print_json(&json!({ "ports": ports }))?;
    } else if ports.is_empty() {
        anstream::eprintln!(
            "this computer has no serial port: is the device plugged in, and may you use it?"
        );
    } else {
        let mut out = anstream::stdout().lock();
        for (name, about) in &ports {
            writeln!(out, "{STRONG}{name}{STRONG:#}  {FAINT}{about}{FAINT:#}")
                .map_err(Failure::of_output)?;
        }
    }
    Ok(match ports.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

/// Prints an object either way.
pub(super) fn print(value: &serde_json::Value, output: OutputOptions) -> Result<(), Failure> {
    match output.json {
        true => print_json(value),
        false => print_pairs(value),
    }
}

//! Snapshots from and to a device.

use super::{PortOptions, print};
use crate::command_line::{Failure, Outcome};
use crate::commands::options::OutputOptions;
use crate::commands::snapshot;
use crate::terminal::progress;
use memt_core::snapshot::Reader;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Pull {
    /// Where to write the snapshot; `memt import` takes it into a bank
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn pull(arguments: &Pull) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let bar = progress(0, "pulling");
    let bytes = client.pull(|there, all| {
        bar.set_length(u64::from(all));
        bar.set_position(u64::from(there));
    })?;
    bar.finish_and_clear();
    let path = arguments.file.display();
    std::fs::write(&arguments.file, &bytes)
        .map_err(|error| Failure::failed(format!("cannot write {path}: {error}")))?;
    let header = Reader::check(&bytes).map_err(Failure::failed)?;
    print(
        &json!({
            "file": path.to_string(),
            "records": header.count,
            "bytes": bytes.len(),
            "model": header.fingerprint.to_string(),
            "sent_again": client.repeats(),
        }),
        arguments.output,
    )?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct Push {
    /// The snapshot, as `memt export` writes it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Begin with this record, where an earlier push stopped
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u32,
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn push(arguments: &Push) -> Result<Outcome, Failure> {
    let bytes = snapshot::read(&arguments.file)?;
    let path = arguments.file.display();
    let damaged = |error| Failure::bad_input(format!("{path}: {error}"));
    Reader::check(&bytes).map_err(damaged)?;
    let reader = Reader::open(&bytes).map_err(damaged)?;
    let mut client = arguments.port.begin()?;
    let bar = progress(u64::from(reader.header().count), "pushing");
    let mut there = arguments.from;
    let pushed = client.push_all(reader, arguments.from, |count, _| {
        there = count;
        bar.set_position(u64::from(count));
    });
    bar.finish_and_clear();
    let [added, known] = pushed.map_err(|error| {
        Failure::failed(format!(
            "{error} (records before {there} are on the device; go on with --from {there})"
        ))
    })?;
    print(
        &json!({ "added": added, "known": known, "sent_again": client.repeats() }),
        arguments.output,
    )?;
    Ok(Outcome::Done)
}

//! What changes a device's memories.

use super::reading::key;
use super::{PortOptions, print};
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::commands::input::texts;
use crate::commands::options::OutputOptions;
use crate::device::Added;
use crate::store::owner_of_name;
use crate::terminal::{FAINT, GOOD, print_json, progress};
use memt_core::link::{Call, Which};
use memt_core::slot::{Factor, Key, Timestamp};
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Texts, one memory each; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "TEXT")]
    texts: Vec<String>,
    #[command(flatten)]
    port: PortOptions,
    /// Whose memories: any name; a number below 2^32 stands for itself
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    /// When they were written; now without it
    #[arg(long, value_parser = clock::parse)]
    time: Option<Timestamp>,
    /// Refuse when the device is full, instead of forgetting the least retained memory
    #[arg(long)]
    keep_all: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn add(arguments: &Add) -> Result<Outcome, Failure> {
    let texts = texts(&arguments.texts)?;
    let mut client = arguments.port.begin()?;
    let bar = progress(texts.len() as u64, "adding");
    let mut added = Vec::new();
    for text in &texts {
        let done = client.add(Call::Add {
            owner: owner_of_name(&arguments.owner),
            text: &text.text,
            created: Some(arguments.time.unwrap_or_else(clock::now)),
            importance: Factor::ONE,
            evict: !arguments.keep_all,
        });
        let done = done.map_err(|error| {
            Failure::failed(format!(
                "{}{error} ({} memories were added before)",
                text.place(),
                added.len()
            ))
        })?;
        added.push(done);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if arguments.output.json {
        let added: Vec<Value> = added.iter().map(described).collect();
        print_json(&json!({ "added": added }))?;
        return Ok(Outcome::Done);
    }
    let mut out = anstream::stdout().lock();
    for Added { key, evicted, .. } in &added {
        let gone = evicted.map_or_else(String::new, |key| format!("; {key} had to go"));
        writeln!(out, "{GOOD}added{GOOD:#} {key}{FAINT}{gone}{FAINT:#}")
            .map_err(Failure::of_output)?;
    }
    Ok(Outcome::Done)
}

fn described(added: &Added) -> Value {
    let verification = added.verification;
    json!({
        "key": added.key.to_string(),
        "similarity": verification.map(|found| found.similarity.to_f32()),
        "rival": verification.map(|found| found.rival.to_f32()),
        "verified": verification.map(|found| found.verified),
        "evicted": added.evicted.map(|key| key.to_string()),
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct Forget {
    /// Keys as `memt device list` prints them
    #[arg(value_name = "KEY", value_parser = key)]
    keys: Vec<Key>,
    #[command(flatten)]
    port: PortOptions,
    /// All memories of this owner
    #[arg(long, value_name = "NAME", conflicts_with = "keys")]
    owner: Option<String>,
    /// Every memory of every owner
    #[arg(long, conflicts_with_all = ["keys", "owner"])]
    all: bool,
    /// Really forget many
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn forget(arguments: &Forget) -> Result<Outcome, Failure> {
    let which = which(&arguments.keys, arguments.owner.as_deref(), arguments.all)?;
    if arguments.keys.is_empty() && !arguments.yes {
        return Err(Failure::bad_input(
            "this forgets many memories for good; add --yes",
        ));
    }
    changed(
        arguments.port.begin()?,
        &which,
        Call::Forget,
        "forgotten",
        arguments.output,
    )
}

fn which(keys: &[Key], owner: Option<&str>, all: bool) -> Result<Vec<Which>, Failure> {
    match (keys, owner, all) {
        (_, _, true) => Ok(vec![Which::All]),
        (_, Some(owner), _) => Ok(vec![Which::Owner(owner_of_name(owner))]),
        ([], ..) => Err(Failure::bad_input(
            "say which: keys, --owner NAME, or --all",
        )),
        (keys, ..) => Ok(keys.iter().copied().map(Which::Key).collect()),
    }
}

fn changed(
    mut client: crate::device::Client<crate::device::Port>,
    which: &[Which],
    call: impl Fn(Which) -> Call<'static>,
    name: &str,
    output: OutputOptions,
) -> Result<Outcome, Failure> {
    let mut count = 0;
    for &one in which {
        count += client.change_many(call(one))?;
    }
    print(&json!({ name: count }), output)?;
    Ok(match count {
        0 => Outcome::NothingFound,
        _ => Outcome::Done,
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// Keys as `memt device list` prints them
    #[arg(value_name = "KEY", value_parser = key)]
    keys: Vec<Key>,
    #[command(flatten)]
    port: PortOptions,
    /// All memories of this owner
    #[arg(long, value_name = "NAME", conflicts_with = "keys")]
    owner: Option<String>,
    /// Every memory of every owner
    #[arg(long, conflicts_with_all = ["keys", "owner"])]
    all: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn replay(arguments: &Replay) -> Result<Outcome, Failure> {
    let which = which(&arguments.keys, arguments.owner.as_deref(), arguments.all)?;
    changed(
        arguments.port.begin()?,
        &which,
        Call::Replay,
        "replayed",
        arguments.output,
    )
}

#[derive(Debug, clap::Args)]
pub(super) struct Compact {
    /// Memories to keep
    #[arg(long, value_name = "N")]
    keep: u32,
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn compact(arguments: &Compact) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let keep = arguments.keep;
    let forgotten = client.change_many(Call::Compact { keep })?;
    print(&json!({ "forgotten": forgotten }), arguments.output)?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct Time {
    /// Set it to this computer's time
    #[arg(long)]
    set: bool,
    /// Set it to this time
    #[arg(long, value_parser = clock::parse, conflicts_with = "set", value_name = "TIME")]
    to: Option<Timestamp>,
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn time(arguments: &Time) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let given = arguments.set.then(clock::now).or(arguments.to);
    let (now, set) = client.time(given)?;
    print(
        &json!({ "time": clock::format(now), "was_set": set }),
        arguments.output,
    )?;
    Ok(Outcome::Done)
}

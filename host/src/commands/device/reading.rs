//! What changes nothing on a device but counts of reading.

use super::{PortOptions, print};
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::commands::bank_file::parse_key;
use crate::commands::options::{ModeOption, OutputOptions, least_score};
use crate::device::Found;
use crate::store::owner_of_name;
use crate::terminal::{Excerpt, FAINT, GOOD, Printable, STRONG, print_json, score_bar};
use memt_core::link::{Call, LISTED_HITS, WireHit};
use memt_core::query::DEFAULT_MIN_SCORE;
use memt_core::slot::Key;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Columns of a score's bar.
const BAR: usize = 12;

#[derive(Debug, clap::Args)]
pub(super) struct Info {
    #[command(flatten)]
    port: PortOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn info(arguments: &Info) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let device = client.device().clone();
    let (now, set) = client.time(None)?;
    print(
        &json!({
            "firmware": device.name,
            "link_version": device.version,
            "model": device.fingerprint.to_string(),
            "model_bytes": device.model_bytes,
            "memories": device.memories,
            "slots": device.slots,
            "text_bytes": device.text_bytes,
            "terms": device.terms,
            "origin": device.origin,
            "next_counter": device.next_counter,
            "time": clock::format(now),
            "time_was_set": set,
        }),
        arguments.output,
    )?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct Query {
    /// The question; several words need no quotes
    #[arg(required = true, value_name = "TEXT")]
    question: Vec<String>,
    #[command(flatten)]
    port: PortOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Most answers, up to 10
    #[arg(long, short = 'k', value_name = "N", default_value = "5", value_parser = clap::value_parser!(u8).range(1..=LISTED_HITS as i64))]
    top_k: u8,
    /// Leave out answers below this score, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = DEFAULT_MIN_SCORE, value_parser = least_score)]
    min_score: f32,
    /// Which evidence counts
    #[arg(long, value_enum, default_value_t)]
    mode: ModeOption,
    /// Prefer memories written just before and after good ones
    #[arg(long)]
    neighbours: bool,
    /// Prefer recent memories
    #[arg(long)]
    recency: bool,
    /// Show the parts of each score
    #[arg(long)]
    explain: bool,
    /// Do not count the answers as read
    #[arg(long)]
    no_record: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn query(arguments: &Query) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let text = arguments.question.join(" ");
    let hits = client.query(Call::Query {
        text: &text,
        owner: arguments.owner.as_deref().map(owner_of_name),
        mode: arguments.mode.into(),
        min_score: arguments.min_score,
        recency: arguments.recency.then(clock::now),
        neighbours: arguments.neighbours,
        most: arguments.top_k,
        record: !arguments.no_record,
    })?;
    let mut answers = Vec::with_capacity(hits.len());
    for hit in hits {
        if let Some(found) = client.get(hit.key, false)? {
            answers.push((hit, found));
        }
    }
    match arguments.output.json {
        true => {
            let hits: Vec<Value> = answers.iter().map(answered).collect();
            print_json(&json!({ "hits": hits }))?;
        }
        false => show(&answers, arguments.explain).map_err(Failure::of_output)?,
    }
    Ok(match answers.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

fn answered((hit, found): &(WireHit, Found)) -> Value {
    let score = hit.score;
    let mut described = described(found);
    described["score"] = json!(score.total);
    described["cosine"] = json!(score.cosine);
    described["lexical"] = json!(score.lexical);
    described["factor"] = json!(score.factor);
    described["neighbours"] = json!(score.neighbours);
    described
}

fn show(answers: &[(WireHit, Found)], explain: bool) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    if answers.is_empty() {
        anstream::eprintln!("nothing found");
    }
    for (hit, found) in answers {
        let score = hit.score;
        let bar = score_bar(score.total, BAR);
        writeln!(
            out,
            "{STRONG}{:.2}{STRONG:#} {GOOD}{bar}{GOOD:#} {}",
            score.total,
            Excerpt(&found.text)
        )?;
        origin(found, &mut out)?;
        if explain {
            writeln!(
                out,
                "    {FAINT}cosine {:.3}  words {:.2}  strength {:.3}  neighbours {:.3}{FAINT:#}",
                score.cosine, score.lexical, score.factor, score.neighbours
            )?;
        }
    }
    Ok(())
}

fn origin(found: &Found, out: &mut impl Write) -> io::Result<()> {
    let facts = found.facts;
    writeln!(
        out,
        "    {FAINT}{}  owner {}  key {}{FAINT:#}",
        clock::format(facts.created),
        facts.owner.0,
        facts.key
    )
}

fn described(found: &Found) -> Value {
    let facts = found.facts;
    json!({
        "key": facts.key.to_string(),
        "owner": facts.owner.0,
        "text": found.text,
        "created": clock::format(facts.created),
        "accessed": clock::format(facts.accessed),
        "accesses": facts.accesses,
        "strength": facts.strength.to_f32(),
        "importance": facts.importance.to_f32(),
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    port: PortOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn list(arguments: &List) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let owner = arguments.owner.as_deref().map(owner_of_name);
    let mut memories: Vec<Found> = Vec::new();
    let mut after = None;
    while let Some(found) = client.next(owner, after)? {
        after = Some((found.facts.created, found.facts.key));
        memories.push(found);
    }
    match arguments.output.json {
        true => {
            let memories: Vec<Value> = memories.iter().map(described).collect();
            print_json(&json!({ "memories": memories }))?;
        }
        false => {
            let mut out = anstream::stdout().lock();
            for found in &memories {
                writeln!(out, "{}", Excerpt(&found.text))
                    .and_then(|()| origin(found, &mut out))
                    .map_err(Failure::of_output)?;
            }
        }
    }
    Ok(match memories.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

#[derive(Debug, clap::Args)]
pub(super) struct Get {
    /// Key as `memt device list` prints it
    #[arg(value_name = "KEY", value_parser = key)]
    key: Key,
    #[command(flatten)]
    port: PortOptions,
    /// Do not count it as read
    #[arg(long)]
    no_record: bool,
    #[command(flatten)]
    output: OutputOptions,
}

/// Reads a key.
pub(super) fn key(given: &str) -> Result<Key, String> {
    parse_key(given).ok_or_else(|| "a key is two numbers, such as 1-42".to_owned())
}

pub(super) fn get(arguments: &Get) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let Some(found) = client.get(arguments.key, !arguments.no_record)? else {
        return Err(Failure::failed(format!(
            "the device has no memory `{}`; `memt device list` shows keys",
            arguments.key
        )));
    };
    match arguments.output.json {
        true => print_json(&described(&found))?,
        false => {
            let mut out = anstream::stdout().lock();
            writeln!(out, "{STRONG}{}{STRONG:#}", Printable(&found.text))
                .and_then(|()| origin(&found, &mut out))
                .map_err(Failure::of_output)?;
        }
    }
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub(super) struct Stats {
    #[command(flatten)]
    port: PortOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn stats(arguments: &Stats) -> Result<Outcome, Failure> {
    let mut client = arguments.port.begin()?;
    let counts = client.statistics(arguments.owner.as_deref().map(owner_of_name))?;
    print(
        &json!({
            "memories": counts.memories,
            "slots": client.device().slots,
            "text_bytes": counts.text_bytes,
            "accesses": counts.accesses,
            "oldest": counts.oldest.map(clock::format),
            "newest": counts.newest.map(clock::format),
            "deletions": counts.deletions,
            "lost_deletions": counts.lost_deletions,
            "flash_bytes": counts.flash_bytes,
        }),
        arguments.output,
    )?;
    Ok(Outcome::Done)
}

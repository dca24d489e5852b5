//! `memt trace`.

use super::bank_file::{SearchOptions, find};
use super::options::OutputOptions;
use super::picture::write_picture;
use crate::bank::{Bank, OwnedSlot};
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::insight::{Trace, draw_traces, trace_memory, trace_text};
use crate::model::TextEncoder;
use crate::store::Store;
use crate::terminal::{Excerpt, FAINT, STRONG, print_json};
use memt_core::embedding::Cosine;
use memt_core::slot::{Factor, Key, Owner};
use memt_core::write::NewMemory;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;

/// Show how a write fits a memory's vector, step by step
///
/// For a text: how it would be written now, and how the nearest of the memories that say nearly the
/// same would be fitted because of it. With --memory: how replay would fit a memory. Nothing is
/// written.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The text of a new memory; several words need no quotes
    #[arg(value_name = "TEXT", required_unless_present = "memory")]
    text: Vec<String>,
    /// A memory that is there, by key as `memt list` prints it, or by id
    #[arg(long, value_name = "KEY|ID", conflicts_with = "text")]
    memory: Option<String>,
    #[command(flatten)]
    bank: SearchOptions,
    /// Whose memories
    #[arg(long, value_name = "NAME", default_value = "0")]
    owner: String,
    /// Draw it into this file too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (store, model) = arguments.bank.open()?;
    let encoder = model.text_encoder(Default::default());
    let encoder = encoder.map_err(Failure::bad_input)?;
    let owner = store.owner(&arguments.owner).map_err(Failure::bad_input)?;
    let traces = match &arguments.memory {
        Some(named) => vec![of_memory(&store, owner, named, &encoder)?],
        None => of_text(store.bank(), owner, &arguments.text.join(" "), &encoder)?,
    };
    if let Some(path) = &arguments.svg {
        let picture = draw_traces(&traces).map_err(Failure::failed)?;
        write_picture(path, &picture)?;
    }
    match arguments.output.json {
        true => {
            let traces: Vec<Value> = traces.iter().map(described).collect();
            print_json(&json!({ "traces": traces }))?;
        }
        false => print(&traces, store.bank()).map_err(Failure::of_output)?,
    }
    Ok(Outcome::Done)
}

fn of_memory(
    store: &Store,
    owner: Owner,
    named: &str,
    encoder: &TextEncoder<'_>,
) -> Result<Trace, Failure> {
    let trace = match find(store, owner, named) {
        Some(key) => trace_memory(store.bank(), key, encoder).map_err(Failure::bad_input)?,
        None => None,
    };
    trace.ok_or_else(|| {
        Failure::failed(format!(
            "no memory `{named}`; `memt list` shows keys and ids"
        ))
    })
}

fn of_text(
    bank: &Bank,
    owner: Owner,
    text: &str,
    encoder: &TextEncoder<'_>,
) -> Result<Vec<Trace>, Failure> {
    let new = NewMemory {
        owner,
        text,
        embedding: &encoder.encode_one(text).map_err(Failure::bad_input)?,
        created: clock::now(),
        importance: Factor::ONE,
    };
    let slot = OwnedSlot::of(&new, &[]).map_err(Failure::bad_input)?;
    trace_text(bank, slot, encoder).map_err(Failure::bad_input)
}

/// A trace as JSON.
pub(crate) fn described(trace: &Trace) -> Value {
    let keys: Vec<String> = trace.rivals.iter().map(Key::to_string).collect();
    json!({
        "key": trace.key.map(|key| key.to_string()),
        "text": trace.text,
        "rivals": keys,
        "emphasis": trace.emphasis.trim_end(),
        "states": trace.states_described(),
        "ending": trace.ending.to_string(),
    })
}

fn print(traces: &[Trace], bank: &Bank) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for (number, trace) in traces.iter().enumerate() {
        if number > 0 {
            writeln!(output, "\nand because of it the nearest of them:")?;
        }
        print_trace(trace, bank, &mut output)?;
    }
    Ok(())
}

fn print_trace(trace: &Trace, bank: &Bank, mut output: impl Write) -> io::Result<()> {
    writeln!(output, "{STRONG}{}{STRONG:#}", Excerpt(&trace.text))?;
    for &rival in &trace.rivals {
        let text = bank.get(rival).map_or("the new memory", |slot| slot.text);
        writeln!(output, "{FAINT}nearly the same: {}{FAINT:#}", Excerpt(text))?;
    }
    if !trace.emphasis.is_empty() {
        let words = trace.emphasis.trim_end();
        writeln!(
            output,
            "{FAINT}words that most of them lack: {words}{FAINT:#}"
        )?;
    }
    writeln!(
        output,
        "{FAINT}step     loss  own text   margin     words  nearest{FAINT:#}"
    )?;
    for state in &trace.states {
        let cosine = |cosine: Option<Cosine>| {
            cosine.map_or_else(
                || "-".to_owned(),
                |cosine| format!("{:.4}", cosine.to_f32()),
            )
        };
        writeln!(
            output,
            "{:>4} {:>8.4} {:>9.4} {:>8.4} {:>9} {:>8}",
            state.step,
            state.loss,
            state.similarity.to_f32(),
            state.margin,
            cosine(state.emphasis),
            cosine(state.rival),
        )?;
    }
    writeln!(output, "{FAINT}ends: {}{FAINT:#}", trace.ending)
}

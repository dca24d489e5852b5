//! `memt bench`.

mod approximate;
mod growth;
mod made_up;
mod remember;
mod scale;

use super::options::{ModelOptions, OutputOptions};
use super::picture::write_picture;
use crate::bank::Bank;
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::model::{Arithmetic, SCRATCH_BYTES, TextEncoder};
use crate::terminal::{print_json, print_pairs};
use memt_core::embedding::Embedding;
use memt_core::encoder::Scratch;
use memt_core::query::QueryOptions;
use memt_core::slot::Owner;
use memt_core::text::Words;
use serde::Serialize;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Texts to measure with: the memories and questions of `memt demo`.
static TEXTS: &str = include_str!("../../demo/memories.jsonl");

/// Each figure is the best of this many runs, so that other work on the machine counts least.
const RUNS: usize = 5;

/// Memories of the bank that questions are put to.
const MEMORIES: usize = 10_000;

/// Measure the speed of encoding, writing and asking on this machine
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Texts to encode, the bundled ones over and over
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    texts: usize,
    /// Measure a bank of so many made-up memories instead, and a bank file of as many; may be repeated
    #[arg(long, value_name = "N")]
    memories: Vec<usize>,
    /// Measure instead what approximate answers find among the lines of this file, of which the last 200
    /// are the questions
    #[arg(long, value_name = "FILE", conflicts_with = "memories")]
    approximate: Option<PathBuf>,
    /// Where the bank files of `--memories` are made
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Draw how time grows with `--memories`, of which two are needed or more
    #[arg(long, value_name = "FILE", requires = "memories")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    model: ModelOptions,
    #[command(flatten)]
    output: OutputOptions,
}

/// One measured operation.
#[derive(Debug, Serialize)]
struct Row {
    operation: &'static str,
    threads: usize,
    per_second: f64,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    if !arguments.memories.is_empty() {
        return run_at_scale(&arguments);
    }
    let model = arguments.model.load()?;
    let encoder = model
        .text_encoder(Arithmetic::Fixed)
        .map_err(Failure::bad_input)?;
    if let Some(path) = &arguments.approximate {
        let measured = approximate::approximate(&encoder, path)?;
        match arguments.output.json {
            true => print_json(&measured)?,
            false => print_pairs(&measured)?,
        }
        return Ok(Outcome::Done);
    }
    let bundled = bundled_texts()?;
    let texts: Vec<&str> = bundled
        .iter()
        .map(String::as_str)
        .cycle()
        .take(arguments.texts)
        .collect();
    let threads = rayon::current_num_threads();
    let rows = [
        row("encode", 1, texts.len(), || encode_alone(&encoder, &texts))?,
        row("encode", threads, texts.len(), || {
            encoder
                .encode_all(&texts)
                .map(drop)
                .map_err(Failure::failed)
        })?,
        row("write", 1, MEMORIES, || {
            filled_bank(&encoder, &texts).map(drop)
        })?,
        asking(&encoder, &texts)?,
    ];
    let words: usize = bundled.iter().map(|text| Words::of(text).count()).sum();
    let words = words as f64 / bundled.len() as f64;
    if arguments.output.json {
        print_json(&json!({
            "machine": machine(),
            "cores": threads,
            "date": today(),
            "words_a_text": words,
            "rows": rows,
        }))?;
        return Ok(Outcome::Done);
    }
    let mut output = anstream::stdout().lock();
    for row in &rows {
        let Row {
            operation,
            threads,
            per_second,
        } = row;
        writeln!(
            output,
            "{operation:<8} {threads:>2} threads {per_second:>12.0} a second"
        )
        .map_err(Failure::of_output)?;
    }
    writeln!(
        output,
        "texts of {words:.1} words on average; questions to {MEMORIES} memories"
    )
    .map_err(Failure::of_output)?;
    Ok(Outcome::Done)
}

fn run_at_scale(arguments: &Arguments) -> Result<Outcome, Failure> {
    if arguments.svg.is_some() && arguments.memories.len() < 2 {
        return Err(Failure::bad_input(
            "--svg draws lines: give --memories twice or more",
        ));
    }
    let plain = scale::PlainReading::new();
    let mut report = json!({
        "machine": machine(),
        "cores": rayon::current_num_threads(),
        "date": today(),
        "banks": [],
        "files": [],
    });
    for &memories in &arguments.memories {
        let bank = scale::bank(memories, &plain)?;
        let file = scale::store(memories, &arguments.folder)?;
        for (list, measured) in [("banks", bank), ("files", file)] {
            if let Some(list) = report[list].as_array_mut() {
                list.push(measured);
            }
        }
    }
    if let Some(path) = &arguments.svg {
        write_picture(path, &growth::picture(&report)?)?;
    }
    match arguments.output.json {
        true => print_json(&report)?,
        false => {
            for list in ["banks", "files"] {
                for measured in report[list].as_array().into_iter().flatten() {
                    print_pairs(measured)?;
                }
            }
        }
    }
    Ok(Outcome::Done)
}

/// The processor's name, or its kind where the system does not tell.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut lines = told.lines().filter_map(|line| line.split_once(':'));
    let name = lines.find(|(field, _)| field.trim() == "model name");
    name.map_or(std::env::consts::ARCH, |(_, name)| name.trim())
        .to_owned()
}

/// The date, as `2026-01-31`.
fn today() -> String {
    let now = clock::format(clock::now());
    now.split('T').next().unwrap_or(&now).to_owned()
}

fn bundled_texts() -> Result<Vec<String>, Failure> {
    let line = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).map_err(Failure::failed)?;
        let text = value["text"].as_str().map(str::to_owned);
        text.ok_or_else(|| Failure::failed("a bundled text has no text"))
    };
    TEXTS.lines().map(line).collect()
}

fn row(
    operation: &'static str,
    threads: usize,
    count: usize,
    mut work: impl FnMut() -> Result<(), Failure>,
) -> Result<Row, Failure> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        work()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(Row {
        operation,
        threads,
        per_second: count as f64 / best,
    })
}

fn encode_alone(encoder: &TextEncoder<'_>, texts: &[&str]) -> Result<(), Failure> {
    let mut scratch = Box::new(Scratch::<SCRATCH_BYTES>::new());
    for text in texts {
        std::hint::black_box(
            encoder
                .encode(text, &mut scratch)
                .map_err(Failure::failed)?,
        );
    }
    Ok(())
}

/// A bank of [`MEMORIES`], each text made different by a number.
fn filled_bank(encoder: &TextEncoder<'_>, texts: &[&str]) -> Result<Bank, Failure> {
    let numbered = texts.iter().cycle().take(MEMORIES).enumerate();
    let numbered: Vec<String> = numbered
        .map(|(number, text)| format!("{text} {number}"))
        .collect();
    remember::remember(encoder, &numbered)
}

fn asking(encoder: &TextEncoder<'_>, texts: &[&str]) -> Result<Row, Failure> {
    const QUESTIONS: usize = 100;
    let bank = filled_bank(encoder, texts)?;
    let questions: Vec<&str> = texts.iter().rev().copied().take(QUESTIONS).collect();
    let embeddings: Vec<Embedding> = encoder.encode_all(&questions).map_err(Failure::failed)?;
    let options = QueryOptions::of_owner(Owner(1));
    row("ask", rayon::current_num_threads(), questions.len(), || {
        for (question, embedding) in questions.iter().zip(&embeddings) {
            let hits = bank.query(question, embedding, &options, 10);
            std::hint::black_box(hits.map_err(Failure::failed)?);
        }
        Ok(())
    })
}

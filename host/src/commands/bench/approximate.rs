//! What the approximate index finds of what is there, and how fast.

use super::remember::remember;
use super::scale::resident;
use crate::bank::Bank;
use crate::command_line::Failure;
use crate::model::TextEncoder;
use crate::terminal::progress;
use memt_core::embedding::Embedding;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::Owner;
use memt_core::text::Words;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Lines that are asked instead of remembered.
const QUESTIONS: usize = 200;

/// Lines that are remembered at least: fewer have no index.
const LEAST: usize = 5000;

/// Answers to each question.
const TOP: usize = 10;

/// A question as text and embedding.
type Question<'t> = (&'t str, Embedding);

/// Measures a bank of one owner that remembers the lines of a file, the last of which are the questions.
pub(super) fn approximate(encoder: &TextEncoder<'_>, path: &Path) -> Result<Value, Failure> {
    let read = std::fs::read_to_string(path);
    let content = read
        .map_err(|error| Failure::bad_input(format!("cannot read {}: {error}", path.display())))?;
    let lines = content
        .lines()
        .filter(|line| Words::of(line).next().is_some());
    let lines: Vec<&str> = lines.collect();
    if lines.len() < LEAST + QUESTIONS {
        return Err(Failure::bad_input(format!(
            "{} has {} lines with words; at least {} are needed",
            path.display(),
            lines.len(),
            LEAST + QUESTIONS
        )));
    }
    let (memories, asked) = lines.split_at(lines.len() - QUESTIONS);
    let mut bank = remember(encoder, memories)?;
    let embeddings = encoder.encode_all(asked).map_err(Failure::failed)?;
    let questions: Vec<Question<'_>> = asked.iter().copied().zip(embeddings).collect();
    let modes = [("dense", Mode::Dense), ("fused", Mode::Fused)];
    let exact: Vec<Answers> = answers(&bank, &questions, modes)?;
    let before = resident();
    let bar = progress(memories.len() as u64, "indexing");
    let start = Instant::now();
    bank.approximate(0, |done| bar.set_position(done as u64))
        .map_err(Failure::failed)?;
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let index_bytes = resident()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before));
    let approximate = answers(&bank, &questions, modes)?;
    let mut measured = json!({
        "cores": rayon::current_num_threads(),
        "memories": memories.len(),
        "questions": questions.len(),
        "indexed_per_second": memories.len() as f64 / seconds,
        "index_bytes_per_memory": index_bytes.map(|bytes| bytes as f64 / memories.len() as f64),
    });
    for ((name, _), (exact, approximate)) in modes.iter().zip(exact.iter().zip(&approximate)) {
        measured[*name] = json!({
            "exact_ms": exact.median_ms,
            "approximate_ms": approximate.median_ms,
            "recall_at_10": recall(exact, approximate)?,
        });
    }
    Ok(measured)
}

/// The answers to all questions in one mode.
struct Answers {
    hits: Vec<Vec<Hit>>,
    median_ms: f64,
}

fn answers<const N: usize>(
    bank: &Bank,
    questions: &[Question<'_>],
    modes: [(&str, Mode); N],
) -> Result<Vec<Answers>, Failure> {
    let of_mode = |(_, mode): &(&str, Mode)| {
        let options = QueryOptions {
            mode: *mode,
            ..QueryOptions::of_owner(Owner(1))
        };
        let mut hits = Vec::with_capacity(questions.len());
        let mut seconds = Vec::with_capacity(questions.len());
        for (text, embedding) in questions {
            let start = Instant::now();
            let found = bank.query(text, embedding, &options, TOP);
            seconds.push(start.elapsed().as_secs_f64());
            hits.push(found.map_err(Failure::failed)?);
        }
        seconds.sort_by(f64::total_cmp);
        let median_ms = 1e3 * seconds[seconds.len() / 2];
        Ok(Answers { hits, median_ms })
    };
    modes.iter().map(of_mode).collect()
}

/// The share of the exact answers that the approximate ones have; those have the same scores, or this fails.
fn recall(exact: &Answers, approximate: &Answers) -> Result<f64, Failure> {
    let (mut due, mut found) = (0, 0);
    for (exact, approximate) in exact.hits.iter().zip(&approximate.hits) {
        due += exact.len();
        for hit in exact {
            if let Some(other) = approximate.iter().find(|other| other.key == hit.key) {
                if other != hit {
                    return Err(Failure::failed(format!("{other:?} is not {hit:?}")));
                }
                found += 1;
            }
        }
    }
    Ok(found as f64 / due as f64)
}

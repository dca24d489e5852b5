//! The demo on a terminal, at most 100 columns wide.

use super::chip::{Chip, MACHINE, Outcome};
use super::recall::{Answer, Recall};
use crate::command_line::Failure;
use crate::model::Model;
use crate::terminal::{FAINT, GOOD, STRONG, score_bar};
use anstyle::{AnsiColor, Style};
use indicatif::HumanCount;
use memt_core::overlap::{term, terms};
use memt_core::query::Hit;
use memt_core::text::Words;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

const BAD: Style = AnsiColor::Red.on_default();

/// Columns for a question, so that all scores stand below each other.
const QUESTION_COLUMNS: usize = 52;

const BAR_COLUMNS: usize = 10;

/// Every question with its answer and the parts of its score.
pub(super) fn answers(recall: &Recall) -> String {
    let mut screen = format!(
        "{STRONG}{} memories, {} questions{STRONG:#} {FAINT}that share at most one word with their answer{FAINT:#}\n\
         {FAINT}{:<width$}   score, from meaning (cosine) and words (BM25){FAINT:#}\n",
        recall.store.bank().len(),
        recall.answers.len(),
        "",
        width = QUESTION_COLUMNS,
    );
    for answer in &recall.answers {
        line(&mut screen, format_args!(""));
        show_answer(&mut screen, recall, answer);
    }
    screen
}

fn show_answer(screen: &mut String, recall: &Recall, answer: &Answer) {
    let (mark, style) = match answer.is_right() {
        true => ('✓', GOOD),
        false => ('✗', BAD),
    };
    let Some(best) = answer.hits.first() else {
        line(
            screen,
            format_args!("{style}{mark}{style:#} {}", answer.question),
        );
        return;
    };
    let score = best.score;
    line(
        screen,
        format_args!(
            "{style}{mark}{style:#} {STRONG}{:<width$}{STRONG:#} {:.2} {style}{}{style:#}  {FAINT}meaning {:.2}  words {:>4.1}{FAINT:#}",
            answer.question,
            score.total,
            score_bar(score.total, BAR_COLUMNS),
            score.cosine,
            score.lexical,
            width = QUESTION_COLUMNS - 2,
        ),
    );
    let text = text_of(recall, best);
    line(
        screen,
        format_args!("  {}", with_matches(&answer.question, text)),
    );
    if answer.is_right() {
        return;
    }
    let wanted = recall.store.bank().get(answer.right);
    let wanted = wanted.map_or("", |slot| slot.text);
    let rank = match answer.rank() {
        Some(rank) => format!("wanted no. {}:", rank + 1),
        None => "wanted, missed:".to_owned(),
    };
    line(screen, format_args!("  {FAINT}{rank} {wanted}{FAINT:#}"));
}

fn text_of<'r>(recall: &'r Recall, hit: &Hit) -> &'r str {
    let slot = recall.store.bank().get(hit.key);
    slot.map_or("", |slot| slot.text)
}

/// The memory with the words underlined that the question has too, in whatever form.
fn with_matches(question: &str, memory: &str) -> String {
    const MATCH: Style = Style::new().underline();
    let asked: HashSet<u32> = terms(question).collect();
    let mut words = Words::of(memory);
    let mut shown = String::new();
    let mut rest = memory;
    while let Some(word) = words.next() {
        let written = word.as_written();
        let end = rest.len() - words.rest().len();
        let (before, _) = rest[..end].split_at(end - written.len());
        shown.push_str(before);
        match term(word).is_some_and(|term| asked.contains(&term)) {
            true => shown.push_str(&format!("{MATCH}{written}{MATCH:#}")),
            false => shown.push_str(written),
        }
        rest = words.rest();
    }
    shown + rest
}

/// What it took on this computer.
pub(super) fn host(recall: &Recall, model: &Model) -> Result<String, Failure> {
    let image = model.image().map_err(Failure::failed)?;
    let memories = recall.store.bank().len();
    let mut screen = String::new();
    heading(&mut screen, "On this computer");
    let percent = format!("recall@1 {:.0} %", 100.0 * recall.recall_at_1());
    let right = format!(
        "{} of {}  ({percent})",
        recall.right(),
        recall.answers.len()
    );
    fact(&mut screen, "first answer right", &right);
    let model_bytes = HumanCount(image.bytes().len() as u64);
    fact(
        &mut screen,
        "model",
        &format!("{model_bytes} bytes ({})", model.source()),
    );
    let bank = HumanCount(recall.snapshot.len() as u64);
    let slot = recall.snapshot.len() / memories.max(1);
    let bank = format!("{bank} bytes as a snapshot, {slot} a memory");
    fact(&mut screen, "bank", &bank);
    let asked = recall.ask_time / recall.answers.len().max(1) as u32;
    let time = format!(
        "{} to encode, write and sync; {} a question",
        short(recall.write_time),
        short(asked)
    );
    fact(&mut screen, "time", &time);
    Ok(screen)
}

/// What the chip did, or how to get one.
pub(super) fn chip(outcome: &Outcome) -> String {
    let mut screen = String::new();
    match outcome {
        Outcome::Asked(chip) => {
            heading(&mut screen, &format!("On a Cortex-M4F in QEMU ({MACHINE})"));
            show_chip(&mut screen, chip);
        }
        Outcome::Unavailable(reason) => {
            heading(&mut screen, "On a chip");
            fact(&mut screen, "skipped", reason);
        }
    }
    screen
}

fn show_chip(screen: &mut String, chip: &Chip) {
    let equal = |equal: bool, what: String| match equal {
        true => format!("{GOOD}✓{GOOD:#} {what}"),
        false => format!("{BAD}✗{BAD:#} {what}"),
    };
    let answers = format!(
        "{} of {} equal: every hit, every bit of its scores",
        chip.equal_answers, chip.answers
    );
    fact(screen, "answers", &equal(chip.answers_equal(), answers));
    let embeddings = format!(
        "{} of {} equal: every byte",
        chip.equal_embeddings, chip.embeddings
    );
    fact(
        screen,
        "embeddings",
        &equal(chip.embeddings_equal(), embeddings),
    );
    let work = format!(
        "{} instructions to encode, {} to answer (means)",
        HumanCount(chip.encode_instructions),
        HumanCount(chip.query_instructions)
    );
    fact(screen, "a question", &work);
    let memory = format!(
        "{} bytes of RAM for up to 200 memories, {} each",
        HumanCount(chip.bank_bytes),
        chip.slot_bytes
    );
    fact(screen, "bank", &memory);
}

/// The last line.
pub(super) fn end(time: Duration) -> String {
    format!("\n{FAINT}{:.1} s in all{FAINT:#}\n", time.as_secs_f64())
}

fn heading(screen: &mut String, text: &str) {
    line(screen, format_args!("\n{STRONG}{text}{STRONG:#}"));
}

fn fact(screen: &mut String, name: &str, value: &str) {
    line(screen, format_args!("  {name:<20} {value}"));
}

fn line(screen: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(screen, "{text}");
}

fn short(time: Duration) -> String {
    match time.as_micros() {
        micros @ 0..1000 => format!("{micros} µs"),
        micros => format!("{:.1} ms", micros as f64 / 1000.0),
    }
}

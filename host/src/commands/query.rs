//! `memt query`.

use super::bank_file::{SearchOptions, owner_option};
use super::memory::Memory;
use super::options::{ModeOption, OutputOptions, least_score};
use crate::clock;
use crate::command_line::{Failure, Outcome};
use crate::store::Store;
use crate::terminal::{Excerpt, FAINT, GOOD, STRONG, print_json, score_bar};
use memt_core::query::{DEFAULT_MIN_SCORE, Hit, QueryOptions, read};
use memt_core::slot::Key;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Columns of a score's bar.
const BAR: usize = 12;

/// Ask a bank file a question
///
/// Exit status 1 says that nothing scored enough. The memories that answer best are counted as read.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The question; several words need no quotes
    #[arg(required = true, value_name = "TEXT")]
    question: Vec<String>,
    #[command(flatten)]
    bank: SearchOptions,
    /// Whose memories; without it, everybody's
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Most answers
    #[arg(long, short = 'k', value_name = "N", default_value = "5")]
    top_k: usize,
    /// Leave out answers below this score, 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = DEFAULT_MIN_SCORE, value_parser = least_score)]
    min_score: f32,
    /// Which evidence counts
    #[arg(long, value_enum, default_value_t)]
    mode: ModeOption,
    /// Prefer memories written just before and after good ones
    #[arg(long)]
    neighbours: bool,
    /// Do not prefer memories of the time that the question speaks of, as in "last Tuesday" (UTC)
    #[arg(long)]
    no_times: bool,
    /// Prefer recent memories
    #[arg(long)]
    recency: bool,
    /// Show the parts of each score and the words in common
    #[arg(long)]
    explain: bool,
    /// Do not count the answers as read
    #[arg(long)]
    no_record: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(crate) fn run(arguments: Arguments) -> Result<Outcome, Failure> {
    let (mut store, model) = arguments.bank.open_of(arguments.owner.as_deref())?;
    let encoder = model
        .text_encoder(Default::default())
        .map_err(Failure::bad_input)?;
    let question = arguments.question.join(" ");
    let embedding = encoder.encode_one(&question).map_err(Failure::bad_input)?;
    let options = QueryOptions {
        owner: owner_option(&store, arguments.owner.as_deref())?,
        mode: arguments.mode.into(),
        min_score: arguments.min_score,
        recency: arguments.recency.then(clock::now),
        times: (!arguments.no_times).then(clock::now),
        neighbours: arguments.neighbours,
    };
    let hits = store
        .bank()
        .query(&question, &embedding, &options, arguments.top_k)
        .map_err(Failure::bad_input)?;
    if !arguments.no_record {
        let keys: Vec<Key> = read(&hits).iter().map(|hit| hit.key).collect();
        record_access(&mut store, &keys)?;
    }
    let answers = answers(&store, &question, &hits);
    match arguments.output.json {
        true => {
            let answers: Vec<Value> = answers.iter().map(Answer::described).collect();
            print_json(&json!({ "hits": answers }))?;
        }
        false => print(&answers, &arguments).map_err(Failure::of_output)?,
    }
    Ok(match hits.is_empty() {
        true => Outcome::NothingFound,
        false => Outcome::Done,
    })
}

/// Counts memories as read. A file that cannot be written still answers, and the reader is told.
pub(super) fn record_access(store: &mut Store, keys: &[Key]) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    if store.is_read_only() {
        anstream::eprintln!(
            "memt: bank {} cannot be written, so this reading is not counted",
            store.path().display()
        );
        return Ok(());
    }
    Ok(store.record_access(keys, clock::now())?)
}

struct Answer {
    memory: Memory,
    hit: Hit,
    matched: Vec<String>,
}

fn answers(store: &Store, question: &str, hits: &[Hit]) -> Vec<Answer> {
    let answers = hits.iter().filter_map(|hit| {
        let matched = store.bank().explain(question, hit.key)?;
        Some(Answer {
            memory: Memory::of(store, hit.key)?,
            hit: *hit,
            matched: matched.into_iter().map(str::to_owned).collect(),
        })
    });
    answers.collect()
}

impl Answer {
    fn described(&self) -> Value {
        let score = self.hit.score;
        json!({
            "score": score.total,
            "cosine": score.cosine,
            "lexical": score.lexical,
            "factor": score.factor,
            "time": score.time,
            "feedback": score.feedback,
            "neighbours": score.neighbours,
            "matched": self.matched,
            "memory": self.memory,
        })
    }

    fn write(&self, explain: bool, mut output: impl Write) -> io::Result<()> {
        let score = self.hit.score;
        let bar = score_bar(score.total, BAR);
        writeln!(
            output,
            "{GOOD}{:.2} {bar}{GOOD:#} {STRONG}{}{STRONG:#}",
            score.total,
            Excerpt(&self.memory.text)
        )?;
        let indent = " ".repeat(5 + BAR);
        write!(output, "{indent} ")?;
        self.memory.write_origin(&mut output)?;
        if explain {
            let matched = self.matched.join(", ");
            writeln!(
                output,
                "{indent} {FAINT}cosine {:.3}  words {:.2} ({matched})  time {:.1}  feedback {:.2}  factor {:.3}  neighbours {:.3}{FAINT:#}",
                score.cosine,
                score.lexical,
                score.time,
                score.feedback,
                score.factor,
                score.neighbours
            )?;
        }
        Ok(())
    }
}

fn print(answers: &[Answer], arguments: &Arguments) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    for answer in answers {
        answer.write(arguments.explain, &mut output)?;
    }
    if answers.is_empty() {
        let least = arguments.min_score;
        writeln!(
            output,
            "nothing scores {least:.2} or more; --min-score 0 shows the nearest"
        )?;
    }
    Ok(())
}

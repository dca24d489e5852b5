//! `memt eval --feedback`: what judging some answers does for other questions.

use super::{Candidate, writing::retrieval};
use crate::command_line::Failure;
use crate::terminal;
use crate::trials::{Encoded, Half, Judge, Outcome, Part, Task, alike_facts, feedback, measured};
use memt_eval::Dataset;
use rayon::prelude::*;
use serde_json::{Value, json};

/// What is measured of each question.
const METRICS: [&str; 3] = ["R@1", "R@10", "MRR"];

/// The table or the JSON of all candidates on made-up facts that differ in one word, and on `sets`.
pub(super) fn report(
    candidates: &[Candidate],
    sets: &[Dataset],
    json: bool,
) -> Result<String, Failure> {
    let facts = [("facts, odd", Half::Odd), ("facts, even", Half::Even)].into_iter();
    let facts = facts.map(|(name, half)| (name.to_owned(), vec![alike_facts(half)]));
    let named: Vec<(String, Vec<Task>)> = facts.chain(sets.iter().filter_map(retrieval)).collect();
    let steps = candidates.len() * named.len() * Judge::ALL.len();
    let bar = terminal::progress(steps as u64, "judging");
    let mut rows = Vec::new();
    for candidate in candidates {
        let encoder = candidate.model.text_encoder(candidate.arithmetic);
        let encoder = encoder.map_err(Failure::bad_input)?;
        let encoded = Encoded::default();
        for (set, tasks) in &named {
            for judge in Judge::ALL {
                let each = tasks.par_iter();
                let outcomes = each.map(|task| feedback(task, judge, &encoder, &encoded));
                let outcomes: Result<Vec<Vec<Outcome>>, _> = outcomes.collect();
                let outcomes = outcomes.map_err(Failure::failed)?.concat();
                rows.extend(
                    Part::ALL.map(|part| row(&candidate.name, set, judge, part, &outcomes)),
                );
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    rows.retain(|row| row["questions"] != 0);
    Ok(match json {
        true => Value::Array(rows).to_string() + "\n",
        false => table(&rows),
    })
}

fn row(model: &str, set: &str, judge: Judge, part: Part, outcomes: &[Outcome]) -> Value {
    let of_part = outcomes.iter().filter(|outcome| outcome.part == part);
    let of_part: Vec<&Outcome> = of_part.collect();
    let mut row = json!({
        "model": model,
        "set": set,
        "judge": judge.name(),
        "part": part.name(),
        "questions": of_part.len(),
    });
    for (at, metric) in METRICS.into_iter().enumerate() {
        let before = of_part
            .iter()
            .map(|outcome| (outcome.family, outcome.before[at]));
        let after = of_part
            .iter()
            .map(|outcome| (outcome.family, outcome.after[at]));
        let gain = of_part
            .iter()
            .map(|outcome| (outcome.family, outcome.after[at] - outcome.before[at]));
        row[metric] = json!({
            "before": measured(before).mean,
            "after": measured(after).mean,
            "gain": measured(gain),
        });
    }
    row
}

fn table(rows: &[Value]) -> String {
    let mut text = format!(
        "{:10} {:18} {:17} {:10} {:>9}",
        "model", "set", "said", "questions", "number"
    );
    for metric in METRICS {
        text += &format!(" {:>35}", format!("{metric} before, after (gain)"));
    }
    text += "\n";
    for row in rows {
        let word = |name: &str| row[name].as_str().unwrap_or_default();
        text += &format!(
            "{:10} {:18} {:17} {:10} {:>9}",
            word("model"),
            word("set"),
            word("judge"),
            word("part"),
            row["questions"]
        );
        for metric in METRICS {
            let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
            let [before, after] = ["before", "after"].map(|name| number(&row[metric][name]));
            let gain = ["mean", "low", "high"].map(|name| number(&row[metric]["gain"][name]));
            let shown = format!(
                "{before:.1} {after:.1} ({:+.1}: {:+.1} to {:+.1})",
                gain[0], gain[1], gain[2]
            );
            text += &format!(" {shown:>35}");
        }
        text += "\n";
    }
    text
}

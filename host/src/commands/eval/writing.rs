//! `memt eval --writing`: the ways to write, on families of near-duplicates and on retrieval sets.

use super::Candidate;
use crate::command_line::Failure;
use crate::model::TextEncoder;
use crate::terminal;
use crate::trials::{
    Encoded, Half, Question, Recalls, Task, Way, Written, families, fresh_families, measured,
};
use memt_eval::Dataset;
use memt_eval::datasets::Content;
use rayon::prelude::*;
use serde_json::{Value, json};

/// Orders in which each half of the families is written.
const SEEDS: [u64; 3] = [1, 2, 3];

/// What is measured of each question.
const METRICS: [&str; 4] = ["dense R@1", "dense R@10", "fused R@1", "fused R@10"];

/// The table or the JSON of all candidates on the families and on `sets`.
pub(super) fn report(
    candidates: &[Candidate],
    sets: &[Dataset],
    json: bool,
) -> Result<String, Failure> {
    let odd = SEEDS.map(|seed| families(Half::Odd, seed));
    let even = SEEDS.map(|seed| families(Half::Even, seed));
    let of_families = [
        ("families, odd", odd),
        ("families, even", even),
        ("families, fresh", SEEDS.map(fresh_families)),
    ];
    let of_families = of_families.into_iter();
    let mut named: Vec<(String, Vec<Task>)> = of_families
        .map(|(name, tasks)| (name.to_owned(), tasks.into()))
        .collect();
    named.extend(sets.iter().filter_map(retrieval));
    let bar = terminal::progress(
        (candidates.len() * named.len() * Way::ALL.len()) as u64,
        "writing",
    );
    let mut rows = Vec::new();
    for candidate in candidates {
        let encoder = candidate.model.text_encoder(candidate.arithmetic);
        let encoder = encoder.map_err(Failure::bad_input)?;
        let encoded = Encoded::default();
        for (set, tasks) in &named {
            let mut direct: Option<Vec<(usize, Recalls)>> = None;
            for way in Way::ALL {
                let found = all(tasks, way, &encoder, &encoded)?;
                bar.inc(1);
                let base = direct.get_or_insert_with(|| found.clone());
                rows.push(row(&candidate.name, set, way, &found, base));
            }
        }
    }
    bar.finish_and_clear();
    Ok(match json {
        true => Value::Array(rows).to_string() + "\n",
        false => table(&rows),
    })
}

/// The questions of a set about its documents, as tasks of a bank each.
pub(super) fn retrieval(set: &Dataset) -> Option<(String, Vec<Task>)> {
    let Content::Retrieval(content) = &set.content else {
        return None;
    };
    // Every question of a retrieval set is a family of its own.
    let mut families = 0..;
    let tasks = content.groups.iter().map(|group| {
        let questions = group.queries.iter().zip(&mut families);
        Task {
            memories: group.documents.clone(),
            questions: questions
                .map(|(query, family)| Question {
                    text: query.text.clone(),
                    answers: query.relevant.clone(),
                    family,
                })
                .collect(),
        }
    });
    Some((set.info.name.to_owned(), tasks.collect()))
}

fn all(
    tasks: &[Task],
    way: Way,
    encoder: &TextEncoder<'_>,
    encoded: &Encoded,
) -> Result<Vec<(usize, Recalls)>, Failure> {
    let each = tasks.par_iter();
    let found: Result<Vec<_>, _> = each
        .map(|task| Written::of(task, way, encoder, encoded)?.recalls(&task.questions))
        .collect();
    Ok(found.map_err(Failure::failed)?.concat())
}

fn row(
    model: &str,
    set: &str,
    way: Way,
    found: &[(usize, Recalls)],
    direct: &[(usize, Recalls)],
) -> Value {
    let mut row = json!({"model": model, "set": set, "way": way.name(), "questions": found.len()});
    for (at, metric) in METRICS.into_iter().enumerate() {
        let own = found.iter().map(|(family, recalls)| (*family, recalls[at]));
        let pairs = found.iter().zip(direct);
        let gain = pairs.map(|((family, own), (_, direct))| (*family, own[at] - direct[at]));
        row[metric] = json!({"value": measured(own), "gain": measured(gain)});
    }
    row
}

fn table(rows: &[Value]) -> String {
    let mut text = format!("{:10} {:16} {:13}", "model", "set", "way");
    for metric in METRICS {
        text += &format!(" {:>27}", format!("{metric} (to direct)"));
    }
    text += "\n";
    for row in rows {
        let word = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        text += &format!("{:10} {:16} {:13}", word("model"), word("set"), word("way"));
        for metric in METRICS {
            let number =
                |part: &str, name: &str| row[metric][part][name].as_f64().unwrap_or(f64::NAN);
            let gain = ["mean", "low", "high"].map(|name| number("gain", name));
            let shown = format!(
                "{:.1} ({:+.1}: {:+.1} to {:+.1})",
                number("value", "mean"),
                gain[0],
                gain[1],
                gain[2]
            );
            text += &format!(" {shown:>27}");
        }
        text += "\n";
    }
    text
}

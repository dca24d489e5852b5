//! `memt eval --capacity` and `--pressure`: what a bank still knows, and what it keeps.

use super::Candidate;
use crate::chart::{Line, Panel, chart, percents};
use crate::command_line::Failure;
use crate::commands::picture::write_picture;
use crate::terminal;
use crate::trials::{
    Encoded, Half, Kept, Later, Life, Measured, Nature, Policy, SLOTS, Stage, capacity, measured,
    pressure,
};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::path::Path;

/// Lives of each nature.
const SEEDS: [u64; 4] = [1, 2, 3, 4];

const HALVES: [(Half, &str); 2] = [(Half::Odd, "odd"), (Half::Even, "even")];

/// Colours of lines, those of ColorBrewer's Dark2 and then some.
const COLOURS: [&str; 10] = [
    "#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#e6ab02", "#a6761d", "#666666",
    "#1f78b4", "#b15928",
];

/// The table or the JSON of what is known of old memories, drawn if wanted.
pub(super) fn capacity_report(
    candidates: &[Candidate],
    json: bool,
    svg: Option<&Path>,
) -> Result<String, Failure> {
    let runs = candidates.len() * HALVES.len() * Later::ALL.len();
    let bar = terminal::progress(runs as u64, "writing");
    let mut rows = Vec::new();
    let mut panels = Vec::new();
    for candidate in candidates {
        let encoder = candidate.model.text_encoder(candidate.arithmetic);
        let encoder = encoder.map_err(Failure::bad_input)?;
        let encoded = Encoded::default();
        for (half, name) in HALVES {
            let mut lines = Vec::new();
            let known = Later::ALL.par_iter().map(|&later| {
                let stages = capacity(half, later, &encoder, &encoded);
                bar.inc(1);
                stages.map(|stages| (later, stages))
            });
            let known: Result<Vec<_>, _> = known.collect();
            for (later, stages) in known.map_err(Failure::failed)? {
                rows.push(json!({
                    "model": candidate.name, "half": name, "way": later.name(), "stages": stages,
                }));
                lines.push(curve(later.name(), COLOURS[lines.len()], &stages));
            }
            panels.push(Panel {
                title: format!("{}, {name} statements", candidate.name),
                across: (0..=10)
                    .step_by(2)
                    .map(|x| (f64::from(x) / 10.0, x.to_string()))
                    .collect(),
                across_title: "later writes, in capacities".to_owned(),
                up: percents(),
                marks: Vec::new(),
                lines,
            });
        }
    }
    bar.finish_and_clear();
    draw(svg, &panels)?;
    Ok(match json {
        true => Value::Array(rows).to_string() + "\n",
        false => capacity_table(&rows),
    })
}

fn curve(name: &str, colour: &'static str, stages: &[Stage]) -> Line {
    let points = stages.iter();
    Line {
        name: name.to_owned(),
        colour,
        points: points
            .map(|stage| (stage.later as f64 / 10.0, stage.first.mean / 100.0))
            .collect(),
    }
}

fn draw(svg: Option<&Path>, panels: &[Panel]) -> Result<(), Failure> {
    match svg {
        Some(path) => write_picture(path, &chart(panels).map_err(Failure::failed)?),
        None => Ok(()),
    }
}

fn capacity_table(rows: &[Value]) -> String {
    let mut text =
        "Percent of questions about old memories whose first answer is right, after later writes\n"
            .to_owned();
    text += &format!("{:10} {:5} {:19}", "model", "half", "way");
    let stages = |row: &Value| row["stages"].as_array().cloned().unwrap_or_default();
    for stage in rows.first().map(stages).unwrap_or_default() {
        text += &format!(" {:>7}", format!("{}x", stage["later"]));
    }
    text += &format!(" {:>20}\n", "interval at the last");
    for row in rows {
        text += &format!(
            "{:10} {:5} {:19}",
            word(row, "model"),
            word(row, "half"),
            word(row, "way")
        );
        let stages = stages(row);
        for stage in &stages {
            text += &format!(" {:>7.1}", number(&stage["first"], "mean"));
        }
        let last = stages.last().map(|stage| interval(&stage["first"]));
        text += &format!(" {:>20}\n", last.unwrap_or_default());
    }
    text
}

fn word<'r>(row: &'r Value, name: &str) -> &'r str {
    row[name].as_str().unwrap_or_default()
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or(f64::NAN)
}

fn interval(measured: &Value) -> String {
    format!(
        "{:.1} to {:.1}",
        number(measured, "low"),
        number(measured, "high")
    )
}

/// The table or the JSON of what is kept of made-up lives, drawn if wanted.
pub(super) fn pressure_report(
    candidates: &[Candidate],
    json: bool,
    svg: Option<&Path>,
) -> Result<String, Failure> {
    let lives = Nature::ALL.len() * SEEDS.len();
    let runs = candidates.len() * HALVES.len() * Policy::ALL.len() * lives;
    let bar = terminal::progress(runs as u64, "living");
    let mut rows = Vec::new();
    let mut panels = Vec::new();
    for candidate in candidates {
        let encoder = candidate.model.text_encoder(candidate.arithmetic);
        let encoder = encoder.map_err(Failure::bad_input)?;
        let encoded = Encoded::default();
        for (half, name) in HALVES {
            let of_natures = Nature::ALL
                .iter()
                .flat_map(|&nature| SEEDS.map(|seed| (nature, Life::new(half, nature, seed))));
            let lives: Vec<(Nature, Life)> = of_natures.collect();
            let mut shipped: Option<Vec<Kept>> = None;
            let mut lines = Vec::new();
            for policy in Policy::ALL {
                let kept = lives.par_iter().map(|(_, life)| {
                    let kept = pressure(life, policy, &encoder, &encoded);
                    bar.inc(1);
                    kept
                });
                let kept: Result<Vec<Kept>, _> = kept.collect();
                let kept = kept.map_err(Failure::failed)?;
                let base = shipped.get_or_insert_with(|| kept.clone());
                let row = pressure_row(&lives, &kept, base);
                lines.push(Line {
                    name: policy.name().to_owned(),
                    colour: COLOURS[lines.len()],
                    points: by_nature(&row),
                });
                let mut named = json!({"model": candidate.name, "half": name, "policy": policy.name(), "slots": SLOTS});
                if let (Some(named), Some(row)) = (named.as_object_mut(), row.as_object()) {
                    named.extend(row.clone());
                }
                rows.push(named);
            }
            let natures = Nature::ALL.iter().enumerate();
            panels.push(Panel {
                title: format!("{}, {name} statements", candidate.name),
                across: natures
                    .map(|(at, nature)| (place(at), nature.name().to_owned()))
                    .collect(),
                across_title: "kind of life".to_owned(),
                up: percents(),
                marks: Vec::new(),
                lines,
            });
        }
    }
    bar.finish_and_clear();
    draw(svg, &panels)?;
    Ok(match json {
        true => Value::Array(rows).to_string() + "\n",
        false => pressure_table(&rows),
    })
}

fn place(nature: usize) -> f64 {
    nature as f64 / (Nature::ALL.len() - 1) as f64
}

/// What of a life's questions is counted.
type Part = fn(&Kept) -> usize;

/// Shares of a life's questions; lives are drawn anew for intervals.
fn pressure_row(lives: &[(Nature, Life)], kept: &[Kept], base: &[Kept]) -> Value {
    let share =
        |part: fn(&Kept) -> usize, kept: &Kept| part(kept) as f64 / kept.questions.max(1) as f64;
    let parts: [(&str, Part); 3] = [
        ("there", |kept| kept.there),
        ("first", |kept| kept.first),
        ("shown", |kept| kept.shown),
    ];
    let mut row = json!({ "questions": kept.iter().map(|kept| kept.questions).sum::<usize>() });
    for (name, part) in parts {
        let all = kept.iter().map(|kept| share(part, kept)).enumerate();
        let pairs = kept.iter().zip(base);
        let gain = pairs
            .map(|(kept, base)| share(part, kept) - share(part, base))
            .enumerate();
        row[name] = json!({"value": measured(all), "to retention": measured(gain)});
    }
    let mut natures = serde_json::Map::new();
    for nature in Nature::ALL {
        let of_nature = lives
            .iter()
            .zip(kept)
            .filter(|((other, _), _)| *other == nature);
        let there: Vec<(usize, f64)> = of_nature
            .map(|(_, kept)| share(|kept| kept.there, kept))
            .enumerate()
            .collect();
        let Measured { mean, .. } = measured(there);
        natures.insert(nature.name().to_owned(), json!(mean));
    }
    row["there by nature"] = Value::Object(natures);
    row
}

fn by_nature(row: &Value) -> Vec<(f64, f64)> {
    let natures = Nature::ALL.iter().enumerate();
    natures
        .map(|(at, nature)| {
            (
                place(at),
                number(&row["there by nature"], nature.name()) / 100.0,
            )
        })
        .collect()
}

fn pressure_table(rows: &[Value]) -> String {
    let mut text = format!(
        "Percent of questions whose answer a bank of {SLOTS} slots still has (with the interval of the difference to retention), whose first answer is right, and that are answered among those shown\n"
    );
    text += &format!(
        "{:10} {:5} {:19} {:>30} {:>7} {:>7}",
        "model", "half", "policy", "there", "first", "shown"
    );
    for nature in Nature::ALL {
        text += &format!(" {:>7}", nature.name());
    }
    text += "\n";
    for row in rows {
        let mean = |name: &str| number(&row[name]["value"], "mean");
        let there = format!(
            "{:.1} ({})",
            mean("there"),
            interval(&row["there"]["to retention"])
        );
        text += &format!(
            "{:10} {:5} {:19} {there:>30}",
            word(row, "model"),
            word(row, "half"),
            word(row, "policy")
        );
        text += &format!(" {:>7.1} {:>7.1}", mean("first"), mean("shown"));
        for nature in Nature::ALL {
            text += &format!(" {:>7.1}", number(&row["there by nature"], nature.name()));
        }
        text += "\n";
    }
    text
}

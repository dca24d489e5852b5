//! What the parts of the score are worth, and what the default threshold lets through.

use super::asked::{at_default, label};
use super::record::{metric, number, read, rows, signed, text};
use super::tables::line;

/// The metrics of the sets that were tuned on.
const METRICS: [(&str, &str); 6] = [
    ("memory_handmade", "r1"),
    ("memory_handmade", "mrr"),
    ("realtalk", "r1"),
    ("realtalk", "r10"),
    ("beam_128k_user", "r1"),
    ("beam_128k_user", "r10"),
];

/// `memt eval --ablate --neighbours`: the whole score, then what each part adds to it.
pub(crate) fn parts() -> Vec<Vec<String>> {
    let record = read("host/models/retrieval.json");
    let names: Vec<&str> = rows(&record["systems"])
        .iter()
        .map(|system| text(&system["name"]))
        .collect();
    let evaluation = read("host/models/evaluation.json");
    let mut heading = line(&["image", "part"]);
    heading.extend(METRICS.map(|(set, name)| format!("`{set}` {}", label(name))));
    let mut table = vec![heading];
    for image in names.iter().filter_map(|name| name.strip_suffix(" fused")) {
        let whole = format!("{image} fused");
        table.push(part(image, "all of them", |set, name| {
            format!("{:.1}", metric(&record, &whole, set, name))
        }));
        let min_max = format!("{image} min-max");
        table.push(part(image, "absolute scale", |set, of| {
            let whole = metric(&evaluation, &whole, set, of);
            signed(whole - metric(&evaluation, &min_max, set, of))
        }));
        let without = format!("{image} without ");
        for name in names.iter().filter(|name| name.starts_with(&without)) {
            table.push(part(image, &name[without.len()..], |set, of| {
                signed(metric(&record, &whole, set, of) - metric(&record, name, set, of))
            }));
        }
        let near = format!("{image} neighbours");
        table.push(part(image, "option `neighbours`", |set, of| {
            signed(metric(&record, &near, set, of) - metric(&record, &whole, set, of))
        }));
    }
    table
}

fn part(image: &str, name: &str, cell: impl Fn(&str, &str) -> String) -> Vec<String> {
    let mut row = vec![format!("`{image}`"), name.to_owned()];
    row.extend(METRICS.map(|(set, metric)| cell(set, metric)));
    row
}

/// `memt eval --unanswerable` at the default threshold, percent.
pub(crate) fn thresholds() -> Vec<Vec<String>> {
    let record = read("host/models/threshold.json");
    let mut table = vec![line(&[
        "image",
        "set",
        "others' questions answered",
        "own questions answered whose answers were removed",
        "right first answers kept",
    ])];
    for curve in rows(&record["curves"]) {
        let [model, set] = ["model", "set"].map(|name| text(&curve[name]));
        let point = at_default(&record, model, set);
        let mut row = vec![format!("`{model}`"), set.to_owned()];
        for share in ["answered_others", "answered_removed", "kept"] {
            row.push(format!("{:.1}", 100.0 * number(&point[share])));
        }
        table.push(row);
    }
    table
}

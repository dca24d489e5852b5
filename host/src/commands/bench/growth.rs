//! How time grows with memories, as an SVG.

use crate::chart::{Line, Panel, chart};
use crate::command_line::Failure;
use serde_json::Value;

/// What a line shows: the list of the report, its field, seconds in one of its units, colour and name.
type Shown = (&'static str, &'static str, f64, &'static str, &'static str);

const LINES: [Shown; 5] = [
    ("banks", "dense_ms", 1e-3, "#2166ac", "ten best by meaning"),
    (
        "banks",
        "fused_ms",
        1e-3,
        "#1b7837",
        "ten best by meaning and words",
    ),
    ("banks", "lexical_ms", 1e-3, "#b2852a", "ten best by words"),
    (
        "files",
        "first_answer_seconds",
        1.0,
        "#b2182b",
        "opening a file and answering",
    ),
    (
        "files",
        "cold_first_answer_seconds",
        1.0,
        "#762a83",
        "the same, read from disk",
    ),
];

/// The picture of a report about banks and files of two sizes or more.
pub(super) fn picture(report: &Value) -> Result<String, Failure> {
    let lines: Vec<(&Shown, Vec<(f64, f64)>)> = LINES
        .iter()
        .map(|shown| (shown, points(report, shown)))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points);
    let across = Powers::around(all().map(|&(memories, _)| memories));
    let up = Powers::around(all().map(|&(_, seconds)| seconds));
    let drawn = |(shown, points): &(&Shown, Vec<(f64, f64)>)| Line {
        name: shown.4.to_owned(),
        colour: shown.3,
        points: points
            .iter()
            .map(|&(memories, seconds)| (across.share(memories), up.share(seconds)))
            .collect(),
    };
    let panel = Panel {
        title: format!(
            "{}, {} cores, {}",
            report["machine"].as_str().unwrap_or("?"),
            report["cores"],
            report["date"].as_str().unwrap_or("?")
        ),
        across: across.labels(memories_label),
        across_title: "memories".to_owned(),
        up: up.labels(seconds_label),
        marks: Vec::new(),
        lines: lines.iter().map(drawn).collect(),
    };
    chart(&[panel]).map_err(Failure::failed)
}

/// Memories and seconds.
fn points(report: &Value, (list, field, unit, ..): &Shown) -> Vec<(f64, f64)> {
    let measured = report[list].as_array().into_iter().flatten();
    let point = |row: &Value| Some((row["memories"].as_f64()?, row[field].as_f64()? * unit));
    measured.filter_map(point).collect()
}

/// The powers of ten around some numbers.
struct Powers {
    least: i32,
    most: i32,
}

impl Powers {
    fn around(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let logarithms = numbers.map(f64::log10);
        // Records have six digits: a thousand of them is a power of ten.
        let least = logarithms.clone().fold(f64::INFINITY, f64::min) + 1e-9;
        let most = logarithms.fold(f64::NEG_INFINITY, f64::max) - 1e-9;
        let least = least.floor() as i32;
        Self {
            least,
            most: (most.ceil() as i32).max(least + 1),
        }
    }

    fn share(&self, number: f64) -> f64 {
        (number.log10() - f64::from(self.least)) / f64::from(self.most - self.least)
    }

    fn labels(&self, label: impl Fn(i32) -> String) -> Vec<(f64, String)> {
        (self.least..=self.most)
            .map(|power| (self.share(10_f64.powi(power)), label(power)))
            .collect()
    }
}

fn memories_label(power: i32) -> String {
    match power {
        6.. => format!("{} M", 10_u64.pow(power as u32 - 6)),
        3.. => format!("{} k", 10_u64.pow(power as u32 - 3)),
        _ => 10_u64.pow(power.max(0) as u32).to_string(),
    }
}

fn seconds_label(power: i32) -> String {
    match power {
        0.. => format!("{} s", 10_u64.pow(power as u32)),
        -3.. => format!("{} ms", 10_u64.pow((power + 3) as u32)),
        _ => format!("{} µs", 10_f64.powi(power + 6)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_goes_through_what_was_measured() {
        let bank = |memories: u32, ms: f64| json!({ "memories": memories, "dense_ms": ms });
        let report = json!({
            "machine": "M", "cores": 2, "date": "2026-01-31",
            "banks": [bank(1000, 0.1), bank(10_000, 1.0), bank(100_000, 10.0)],
            "files": [],
        });
        let drawn = picture(&report).unwrap();
        // 360 wide and 240 high: from the lower left corner to the upper right one.
        assert!(
            drawn.contains(r#"d="M0.0 240.0L180.0 120.0L360.0 0.0""#),
            "{drawn}"
        );
        for label in [">1 k<", ">100 k<", ">100 µs<", ">1 ms<", ">10 ms<"] {
            assert!(drawn.contains(label), "{label}: {drawn}");
        }
        assert!(!drawn.contains("ten best by words"));
    }
}

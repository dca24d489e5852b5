//! What was asked of the shipped images, and what the records say of it.

use super::record::{find, grouped, metric, number, read, rows, text};
use super::tables::line;
use serde_json::Value;

/// How a figure compares with what was asked for.
#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

struct Asked {
    what: String,
    bound: Bound,
    reached: f64,
    /// Instructions and bytes have no decimals.
    whole: bool,
}

impl Asked {
    fn least(what: impl Into<String>, least: f64, reached: f64) -> Self {
        Self {
            what: what.into(),
            bound: Bound::AtLeast(least),
            reached,
            whole: false,
        }
    }

    fn most(what: impl Into<String>, most: f64, reached: f64) -> Self {
        Self {
            bound: Bound::AtMost(most),
            ..Self::least(what, 0.0, reached)
        }
    }

    fn whole(what: &str, most: f64, reached: f64) -> Self {
        Self {
            whole: true,
            ..Self::most(what, most, reached)
        }
    }

    fn row(&self) -> Vec<String> {
        let show = |value: f64| match self.whole {
            true => grouped(value),
            false => format!("{value:.2}"),
        };
        let (asked, missing) = match self.bound {
            Bound::AtLeast(least) => (format!("at least {least}"), least - self.reached),
            Bound::AtMost(most) if self.whole => {
                (format!("at most {}", grouped(most)), self.reached - most)
            }
            Bound::AtMost(most) => (format!("at most {most}"), self.reached - most),
        };
        let verdict = match missing > 0.0 {
            true => format!("missed by {}", show(missing)),
            false => "reached".to_owned(),
        };
        vec![self.what.clone(), asked, show(self.reached), verdict]
    }
}

/// Every line, in the order of the folders that answer for it.
pub(crate) fn asked() -> Vec<Vec<String>> {
    let parts = [encoders(), retrieval(), thresholds(), writing(), chip()];
    let mut table = vec![line(&["what", "asked", "reached", ""])];
    table.extend(parts.iter().flatten().map(Asked::row));
    table
}

/// Encoders: dense figures, and those of meaning and words together that depend on them.
fn encoders() -> Vec<Asked> {
    let record = read("host/models/evaluation.json");
    let lines = [
        ("default dense", "sts12_16", "spearman_mean", 72.0),
        ("default dense", "stsb_test", "spearman_mean", 75.0),
        ("default dense", "sick_test", "spearman_mean", 71.0),
        ("default dense", "nq_oracle", "mrr", 56.0),
        ("default dense", "xquad_sent", "mrr", 70.0),
        ("default dense", "clinc150_small", "knn5_acc", 85.0),
        ("default dense", "realtalk", "r10", 42.0),
        ("default fused", "realtalk", "r10", 55.0),
        ("default dense", "memory_handmade", "r1", 82.0),
        ("default fused", "beam_128k_user", "r10", 69.0),
        ("small dense", "sts12_16", "spearman_mean", 68.0),
        ("small fused", "realtalk", "r10", 54.0),
        ("small dense", "memory_handmade", "r1", 70.0),
    ];
    let hoped = [
        ("default dense", "sts12_16", "spearman_mean", 74.0),
        ("default dense", "stsb_test", "spearman_mean", 79.0),
        ("default dense", "memory_handmade", "r1", 86.0),
        ("default dense", "realtalk", "r10", 44.0),
        ("default fused", "realtalk", "r10", 58.0),
    ];
    let asked = |(system, set, name, least): (&str, &str, &str, f64), hoped: &str| {
        let reached = metric(&record, system, set, name);
        let what = format!("{system}: `{set}` {}{hoped}", label(name));
        Asked::least(what, least, reached)
    };
    let mut lines: Vec<Asked> = lines.into_iter().map(|line| asked(line, "")).collect();
    lines.extend(["default", "small", "bag"].map(integers_against_floats));
    lines.extend(hoped.into_iter().map(|line| asked(line, " (hoped for)")));
    lines
}

/// The largest difference over all metrics of a card.
fn integers_against_floats(image: &str) -> Asked {
    let card = read(&format!("host/models/{image}.json"));
    let pairs = rows(&card["integers"]).iter().zip(rows(&card["reference"]));
    let differences = pairs.map(|(integers, floats)| {
        assert_eq!(integers[0], floats[0], "{image}: metrics differ");
        let difference = (number(&integers[1]) - number(&floats[1])).abs();
        (difference, text(&integers[0]))
    });
    let (largest, name) = differences
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or_else(|| panic!("{image}: no metrics"));
    let what = format!("{image}: integers against floats, any metric (most: {name})");
    Asked::most(what, 0.5, largest)
}

/// Meaning and words together.
fn retrieval() -> Vec<Asked> {
    let record = read("host/models/evaluation.json");
    let options = read("host/models/retrieval.json");
    let ways = read("host/models/writing.json");
    let fields = [("model", "default"), ("set", "realtalk"), ("way", "loop")];
    let first = find(rows(&ways), &fields);
    let first = number(&first["fused R@1"]["value"]["mean"]);
    let of = |set: &str, name: &str| metric(&record, "default fused", set, name);
    let neighbours = metric(&options, "default neighbours", "realtalk", "r10");
    let mut lines = vec![
        Asked::least(
            "default fused: `realtalk` R@10",
            58.0,
            of("realtalk", "r10"),
        ),
        Asked::least("default fused: `realtalk` R@1, of all answers", 30.0, first),
        Asked::least("default neighbours: `realtalk` R@10", 60.0, neighbours),
        Asked::least(
            "default fused: `beam_128k_user` R@10",
            71.0,
            of("beam_128k_user", "r10"),
        ),
        Asked::least(
            "default fused: `memory_handmade` R@1",
            85.0,
            of("memory_handmade", "r1"),
        ),
    ];
    for set in ["nq_oracle", "xquad_sent"] {
        for part in ["default dense", "BM25 stop words, stems"] {
            let gain = of(set, "mrr") - metric(&record, part, set, "mrr");
            let what = format!("default fused: `{set}` MRR above that of {part}");
            lines.push(Asked::least(what, 0.0, gain));
        }
    }
    lines
}

/// The default threshold, mean of the sets.
fn thresholds() -> Vec<Asked> {
    let record = read("host/models/threshold.json");
    let point = at_default(&record, "default", "mean");
    let percent = |name: &str| 100.0 * number(&point[name]);
    vec![
        Asked::most(
            "default: percent of other groups' questions answered",
            5.0,
            percent("answered_others"),
        ),
        Asked::least(
            "default: percent of right first answers kept",
            85.0,
            percent("kept"),
        ),
    ]
}

/// The point of a curve at the default threshold.
pub(crate) fn at_default<'r>(record: &'r Value, model: &str, set: &str) -> &'r Value {
    let threshold = number(&record["default_threshold"]);
    let curve = find(rows(&record["curves"]), &[("model", model), ("set", set)]);
    let near = |point: &&Value| (number(&point["threshold"]) - threshold).abs() < 1e-9;
    rows(&curve["points"])
        .iter()
        .find(near)
        .unwrap_or_else(|| panic!("{model}, {set}: no threshold {threshold}"))
}

/// The write loop against direct writing.
fn writing() -> Vec<Asked> {
    let record = read("host/models/writing.json");
    let gain = |set: &str, mode: &str| {
        let fields = [("model", "default"), ("set", set), ("way", "loop")];
        number(&find(rows(&record), &fields)[mode]["gain"]["mean"])
    };
    let mut lines = Vec::new();
    for mode in ["fused R@1", "dense R@1"] {
        for set in ["families, odd", "families, even", "families, fresh"] {
            let what = format!("loop above direct: {set}, {mode}");
            lines.push(Asked::least(what, 5.0, gain(set, mode)));
        }
    }
    let sets = [
        "memory_handmade",
        "realtalk",
        "beam_128k_user",
        "prefeval_topic",
        "nq_oracle",
        "xquad_sent",
        "trecqa",
    ];
    for set in sets {
        let what = format!("loop above direct: `{set}`, fused R@1");
        lines.push(Asked::least(what, 0.0, gain(set, "fused R@1")));
    }
    let capacity = read("host/models/capacity.json");
    for half in ["odd", "even"] {
        let what =
            format!("loop above direct: old memories first, {half}, least of all capacities");
        lines.push(Asked::least(
            what,
            0.0,
            least_at_capacities(&capacity, half),
        ));
    }
    lines
}

fn least_at_capacities(record: &Value, half: &str) -> f64 {
    let [direct, learned] = ["direct", "loop"].map(|way| {
        let fields = [("model", "default"), ("half", half), ("way", way)];
        rows(&find(rows(record), &fields)["stages"])
    });
    let gains = learned.iter().zip(direct).map(|(learned, direct)| {
        assert_eq!(learned["later"], direct["later"], "stages differ");
        number(&learned["first"]["mean"]) - number(&direct["first"]["mean"])
    });
    gains.fold(f64::INFINITY, f64::min)
}

/// Bytes, and instructions of a Cortex-M4F.
fn chip() -> Vec<Asked> {
    let record = read("firmware/measurements.json");
    let instructions = |operation: &str| {
        let fields = [("machine", "mps2-an386"), ("operation", operation)];
        number(&find(rows(&record), &fields)["instructions"])
    };
    let bytes = |image: &str| number(&read(&format!("host/models/{image}.json"))["bytes"]);
    [
        ("default: bytes", 786_432.0, bytes("default")),
        ("small: bytes", 262_144.0, bytes("small")),
        ("bag: bytes", 786_432.0, bytes("bag")),
        (
            "M4F: instructions of encoding 14 words, default",
            5e6,
            instructions("encode/default/14"),
        ),
        (
            "M4F: instructions of encoding 14 words, bag",
            250e3,
            instructions("encode/bag/14"),
        ),
        (
            "M4F: instructions of the longest step",
            1e6,
            instructions("step/max"),
        ),
        (
            "M4F: instructions of asking 256",
            1e6,
            instructions("query/256"),
        ),
        (
            "M4F: instructions of writing one of 256",
            1e6,
            instructions("write/256"),
        ),
    ]
    .map(|(what, most, reached)| Asked::whole(what, most, reached))
    .into()
}

/// A metric as tables call it.
pub(crate) fn label(metric: &str) -> &'static str {
    match metric {
        "r1" => "R@1",
        "r10" => "R@10",
        "mrr" => "MRR",
        "spearman_mean" => "Spearman",
        "knn5_acc" => "5-NN",
        other => panic!("no name for {other}"),
    }
}

//! Ways to write, what is kept, and what feedback does.

use super::record::{bounds, find, number, read, rows, signed, text};
use super::tables::line;
use serde_json::Value;

/// `memt eval --writing`: every way on the families, the loop on the retrieval sets.
pub(crate) fn writing() -> Vec<Vec<String>> {
    let record = read("host/models/writing.json");
    let mut table = vec![line(&[
        "set",
        "way",
        "dense R@1",
        "gain",
        "fused R@1",
        "gain",
    ])];
    for row in rows(&record) {
        let [set, way] = ["set", "way"].map(|name| text(&row[name]));
        if !set.starts_with("families") && !["direct", "loop"].contains(&way) {
            continue;
        }
        let mut cells = line(&[set, way]);
        for mode in ["dense R@1", "fused R@1"] {
            let (value, gain) = (&row[mode]["value"], &row[mode]["gain"]);
            let [mean, low, high] = ["mean", "low", "high"].map(|name| number(&value[name]));
            cells.push(format!("{mean:.1} ({low:.1} to {high:.1})"));
            cells.push(match way {
                "direct" => String::new(),
                _ => gained(gain),
            });
        }
        table.push(cells);
    }
    table
}

fn gained(gain: &Value) -> String {
    format!("{} {}", signed(number(&gain["mean"])), bounds(gain))
}

/// `memt eval --capacity`: percent of old memories found first.
pub(crate) fn capacity() -> Vec<Vec<String>> {
    let record = read("host/models/capacity.json");
    let later = [0.0, 1.0, 2.0, 4.0, 10.0];
    let mut heading = line(&["half", "way"]);
    heading.extend(later.map(|later| format!("{later}")));
    let mut table = vec![heading];
    for row in rows(&record) {
        let mut cells = line(&[text(&row["half"]), text(&row["way"])]);
        for later in later {
            let stage = rows(&row["stages"])
                .iter()
                .find(|stage| number(&stage["later"]) == later)
                .unwrap_or_else(|| panic!("no stage {later}"));
            cells.push(format!("{:.1}", number(&stage["first"]["mean"])));
        }
        table.push(cells);
    }
    table
}

/// `memt eval --pressure`: percent of questions whose answer is still there.
pub(crate) fn pressure() -> Vec<Vec<String>> {
    let record = read("host/models/pressure.json");
    let mut table = vec![line(&[
        "what goes",
        "there",
        "to retention",
        "first",
        "there, odd",
    ])];
    for row in rows(&record).iter().filter(|row| row["half"] == "even") {
        let policy = text(&row["policy"]);
        let odd = find(rows(&record), &[("half", "odd"), ("policy", policy)]);
        let there = |row: &Value| format!("{:.1}", number(&row["there"]["value"]["mean"]));
        table.push(vec![
            policy.to_owned(),
            there(row),
            match policy {
                "retention" => String::new(),
                _ => gained(&row["there"]["to retention"]),
            },
            format!("{:.1}", number(&row["first"]["value"]["mean"])),
            there(odd),
        ]);
    }
    table
}

/// `memt eval --feedback`: percent of questions whose first hit is right, before and after.
pub(crate) fn feedback() -> Vec<Vec<String>> {
    let record = read("host/models/feedback.json");
    let mut parts: Vec<&str> = Vec::new();
    let mut judged: Vec<[&str; 2]> = Vec::new();
    for row in rows(&record) {
        let part = text(&row["part"]);
        if !parts.contains(&part) {
            parts.push(part);
        }
        let said = ["set", "judge"].map(|name| text(&row[name]));
        if !judged.contains(&said) {
            judged.push(said);
        }
    }
    let headings: Vec<&str> = parts.iter().map(|part| heading(part)).collect();
    let mut table = vec![[line(&["set", "said"]), line(&headings)].concat()];
    for [set, judge] in judged {
        let mut cells = line(&[set, judge]);
        for part in &parts {
            let fields = [("set", set), ("judge", judge), ("part", part)];
            let first = &find(rows(&record), &fields)["R@1"];
            let [before, after] = ["before", "after"].map(|name| number(&first[name]));
            let interval = bounds(&first["gain"]);
            cells.push(format!("{before:.1} to {after:.1} {interval}"));
        }
        table.push(cells);
    }
    table
}

/// Which questions a part has.
fn heading(part: &str) -> &str {
    match part {
        "reworded" => "the same without its small words",
        "held back" => "others with the same answer",
        "others" => "all the rest",
        part => part,
    }
}

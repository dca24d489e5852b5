//! Reading committed records.

use memt_tests::places;
use serde_json::Value;

/// The JSON file at `path` in the repository.
pub(crate) fn read(path: &str) -> Value {
    let place = places::root().join(path);
    let bytes =
        std::fs::read(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The elements of an array.
pub(crate) fn rows(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("not an array: {value}"))
}

/// The first element for which every named field has the given text.
pub(crate) fn find<'v>(rows: &'v [Value], fields: &[(&str, &str)]) -> &'v Value {
    rows.iter()
        .find(|row| fields.iter().all(|(name, text)| row[name] == *text))
        .unwrap_or_else(|| panic!("no row with {fields:?}"))
}

/// What `system` reached on `set` in a record of `memt eval`.
pub(crate) fn metric(evaluation: &Value, system: &str, set: &str, metric: &str) -> f64 {
    let system = find(rows(&evaluation["systems"]), &[("name", system)]);
    let set = find(rows(&system["sets"]), &[("name", set)]);
    number(&find(rows(&set["values"]), &[("metric", metric)])["value"])
}

/// A text.
pub(crate) fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
}

/// A number.
pub(crate) fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("not a number: {value}"))
}

/// A whole number with its thousands apart.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A difference with its sign.
pub(crate) fn signed(value: f64) -> String {
    let rounded = format!("{value:+.1}");
    match rounded.as_str() {
        "-0.0" => "+0.0".to_owned(),
        _ => rounded,
    }
}

/// The bounds of an interval of differences.
pub(crate) fn bounds(interval: &Value) -> String {
    let [low, high] = ["low", "high"].map(|bound| signed(number(&interval[bound])));
    format!("({low} to {high})")
}

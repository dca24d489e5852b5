//! Pairs of texts with a graded similarity: `{"a","b","score","set"}`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::LoadError;
use super::lines::{rows, wrong};

/// Pairs with a graded similarity, in parts that are correlated one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedPairs {
    /// The parts, by name.
    pub parts: Vec<GradedPart>,
}

/// The pairs of one `set` value; three columns of equal length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GradedPart {
    /// The `set` value.
    pub name: String,
    /// First texts.
    pub first: Vec<String>,
    /// Second texts.
    pub second: Vec<String>,
    /// What people said about the similarity; any scale, finite.
    pub gold: Vec<f64>,
}

#[derive(Deserialize)]
struct Row {
    a: String,
    b: String,
    score: f64,
    set: String,
}

impl GradedPairs {
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, LoadError> {
        let mut parts = BTreeMap::<String, GradedPart>::new();
        for row in rows::<Row>(file, text) {
            let (line, row) = row?;
            if !row.score.is_finite() {
                return Err(wrong(
                    file,
                    line,
                    format!("score {} is not finite", row.score),
                ));
            }
            let part = parts.entry(row.set).or_default();
            part.first.push(row.a);
            part.second.push(row.b);
            part.gold.push(row.score);
        }
        if parts.is_empty() {
            return Err(LoadError::Empty {
                file: file.to_owned(),
                lacks: "pairs",
            });
        }
        let parts = parts
            .into_iter()
            .map(|(name, part)| GradedPart { name, ..part })
            .collect();
        Ok(Self { parts })
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.parts
            .iter()
            .flat_map(|part| part.first.iter().chain(&part.second))
            .map(String::as_str)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{GradedPairs, Path};

    #[test]
    fn parts_are_split_by_set() {
        let text = r#"{"a":"x","b":"y","score":1.5,"set":"two"}
{"a":"p","b":"q","score":4,"set":"one"}
{"a":"r","b":"s","score":0.0,"set":"two"}"#;
        let pairs = GradedPairs::parse(Path::new("t.jsonl"), text).unwrap();
        assert_eq!(pairs.parts.len(), 2);
        assert_eq!(pairs.parts[0].name, "one");
        assert_eq!(pairs.parts[1].gold, [1.5, 0.0]);
        assert_eq!(pairs.parts[1].second, ["y", "s"]);
    }

    #[test]
    fn a_missing_field_names_file_and_line() {
        let text = "{\"a\":\"x\",\"b\":\"y\",\"score\":1,\"set\":\"s\"}\n{\"a\":\"x\",\"score\":1,\"set\":\"s\"}";
        let error = GradedPairs::parse(Path::new("t.jsonl"), text).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("t.jsonl:2: missing field `b`"),
            "{message}"
        );
    }

    #[test]
    fn no_pairs_is_an_error() {
        let error = GradedPairs::parse(Path::new("t.jsonl"), "").unwrap_err();
        assert_eq!(error.to_string(), "t.jsonl: no pairs");
    }
}

//! Pairs of texts that mean the same, or not: `{"a","b","label"}`.

use std::path::Path;

use serde::Deserialize;

use super::LoadError;
use super::lines::{rows, wrong};

/// Pairs with a yes or no; three columns of equal length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabelledPairs {
    /// First texts.
    pub first: Vec<String>,
    /// Second texts.
    pub second: Vec<String>,
    /// Whether the two mean the same.
    pub same: Vec<bool>,
}

#[derive(Deserialize)]
struct Row {
    a: String,
    b: String,
    label: i64,
}

impl LabelledPairs {
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, LoadError> {
        let mut pairs = Self::default();
        for row in rows::<Row>(file, text) {
            let (line, row) = row?;
            let same = match row.label {
                0 => false,
                1 => true,
                other => {
                    return Err(wrong(
                        file,
                        line,
                        format!("label {other} is neither 0 nor 1"),
                    ));
                }
            };
            pairs.first.push(row.a);
            pairs.second.push(row.b);
            pairs.same.push(same);
        }
        if pairs.same.is_empty() {
            return Err(LoadError::Empty {
                file: file.to_owned(),
                lacks: "pairs",
            });
        }
        Ok(pairs)
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.first
            .iter()
            .chain(&self.second)
            .map(String::as_str)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{LabelledPairs, Path};

    #[test]
    fn labels_become_booleans() {
        let text = "{\"a\":\"x\",\"b\":\"y\",\"label\":1}\n{\"a\":\"p\",\"b\":\"q\",\"label\":0}";
        let pairs = LabelledPairs::parse(Path::new("t.jsonl"), text).unwrap();
        assert_eq!(pairs.same, [true, false]);
        assert_eq!(pairs.texts(), ["x", "p", "y", "q"]);
    }

    #[test]
    fn another_label_is_refused() {
        let error = LabelledPairs::parse(
            Path::new("t.jsonl"),
            "{\"a\":\"x\",\"b\":\"y\",\"label\":2}",
        )
        .unwrap_err();
        assert_eq!(error.to_string(), "t.jsonl:1: label 2 is neither 0 nor 1");
    }
}

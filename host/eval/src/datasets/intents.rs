//! Texts with a class, some to learn from, some to ask: `{"text","label","split"}`.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::LoadError;
use super::lines::rows;

/// Classified texts; `labels` index one list of class names for both splits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Intents {
    /// Class names, in order of appearance.
    pub names: Vec<String>,
    /// Texts whose class is given.
    pub train: Vec<String>,
    /// Their classes.
    pub train_labels: Vec<usize>,
    /// Texts whose class is asked.
    pub test: Vec<String>,
    /// Their classes.
    pub test_labels: Vec<usize>,
}

#[derive(Deserialize)]
struct Row {
    text: String,
    label: String,
    split: Split,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Split {
    Train,
    Test,
}

impl Intents {
    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, LoadError> {
        let mut intents = Self::default();
        let mut known = HashMap::<String, usize>::new();
        for row in rows::<Row>(file, text) {
            let (_, row) = row?;
            let next = known.len();
            let label = *known.entry(row.label.clone()).or_insert(next);
            if label == next {
                intents.names.push(row.label);
            }
            let (texts, labels) = match row.split {
                Split::Train => (&mut intents.train, &mut intents.train_labels),
                Split::Test => (&mut intents.test, &mut intents.test_labels),
            };
            texts.push(row.text);
            labels.push(label);
        }
        for (texts, lacks) in [
            (&intents.train, "train texts"),
            (&intents.test, "test texts"),
        ] {
            if texts.is_empty() {
                return Err(LoadError::Empty {
                    file: file.to_owned(),
                    lacks,
                });
            }
        }
        Ok(intents)
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.train
            .iter()
            .chain(&self.test)
            .map(String::as_str)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Intents, Path};

    #[test]
    fn both_splits_share_class_numbers() {
        let text = r#"{"text":"t1","label":"b","split":"train"}
{"text":"t2","label":"a","split":"test"}
{"text":"t3","label":"a","split":"train"}
{"text":"t4","label":"b","split":"test"}"#;
        let intents = Intents::parse(Path::new("t.jsonl"), text).unwrap();
        assert_eq!(intents.names, ["b", "a"]);
        assert_eq!(intents.train_labels, [0, 1]);
        assert_eq!(intents.test_labels, [1, 0]);
    }

    #[test]
    fn an_unknown_split_is_refused() {
        let text = r#"{"text":"t","label":"b","split":"dev"}"#;
        let error = Intents::parse(Path::new("t.jsonl"), text).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("t.jsonl:1: unknown variant `dev`"),
            "{message}"
        );
    }
}

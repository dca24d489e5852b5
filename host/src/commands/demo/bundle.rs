//! The memories and questions that come with the program.

use crate::command_line::Failure;
use serde::Deserialize;
use std::collections::BTreeMap;

static BUNDLED: &str = include_str!("../../../demo/memories.jsonl");

/// What the demo remembers and asks.
pub(super) struct Bundle {
    pub(super) memories: Vec<Memory>,
    pub(super) questions: Vec<Question>,
}

pub(super) struct Memory {
    pub(super) id: String,
    pub(super) text: String,
}

pub(super) struct Question {
    pub(super) text: String,
    /// Ids of the memories that answer it.
    pub(super) right: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Doc {
        id: String,
        text: String,
    },
    Query {
        text: String,
        rel: BTreeMap<String, u32>,
    },
}

impl Bundle {
    pub(super) fn load() -> Result<Self, Failure> {
        let mut bundle = Self {
            memories: Vec::new(),
            questions: Vec::new(),
        };
        for line in BUNDLED.lines() {
            match serde_json::from_str(line).map_err(Failure::failed)? {
                Line::Doc { id, text } => bundle.memories.push(Memory { id, text }),
                Line::Query { text, rel } => bundle.questions.push(Question {
                    text,
                    right: rel.into_keys().collect(),
                }),
            }
        }
        Ok(bundle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use memt_core::overlap::terms;
    use std::collections::HashSet;

    #[test]
    fn questions_are_worded_differently_from_their_answers() {
        let bundle = Bundle::load().unwrap();
        assert_eq!((bundle.memories.len(), bundle.questions.len()), (120, 25));
        for question in &bundle.questions {
            let [right] = question.right.as_slice() else {
                panic!("{} has several answers", question.text);
            };
            let answer = bundle.memories.iter().find(|memory| &memory.id == right);
            let answer: HashSet<u32> = terms(&answer.unwrap().text).collect();
            let asked: HashSet<u32> = terms(&question.text).collect();
            assert!(
                asked.intersection(&answer).count() <= 1,
                "{}",
                question.text
            );
        }
    }
}

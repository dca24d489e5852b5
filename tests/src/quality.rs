//! How often the first answer is right, and what an encoder must reach.

use memt_core::embedding::Embedding;
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Memories, questions and which memories answer each.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    /// The memories' texts.
    pub memories: Vec<String>,
    /// The questions' texts.
    pub questions: Vec<String>,
    /// Which memories answer each question.
    pub answers: Vec<Vec<usize>>,
}

impl Questions {
    /// Reads JSON lines `{"type":"doc","id","text"}` and `{"type":"query","text","rel":{id:grade}}`.
    pub fn read(path: &Path) -> Self {
        let lines = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let rows: Vec<Value> = lines
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
            .collect();
        let mut questions = Self::default();
        let mut memory_of_id = HashMap::new();
        for row in rows.iter().filter(|row| row["type"] == "doc") {
            memory_of_id.insert(string(row, "id"), questions.memories.len());
            questions.memories.push(string(row, "text"));
        }
        for row in rows.iter().filter(|row| row["type"] == "query") {
            let answers = row["rel"].as_object().expect("a question has answers");
            questions.questions.push(string(row, "text"));
            questions
                .answers
                .push(answers.keys().map(|id| memory_of_id[id]).collect());
        }
        questions
    }

    /// The share of questions whose most similar memory answers them; of equals, the first counts.
    pub fn recall_at_1(&self, memories: &[Embedding], questions: &[Embedding]) -> f64 {
        let right = questions
            .iter()
            .zip(&self.answers)
            .filter(|(question, answers)| {
                let cosines = memories.iter().map(|memory| cosine(question, memory));
                let best = cosines
                    .enumerate()
                    .reduce(|best, next| if next.1 > best.1 { next } else { best });
                best.is_some_and(|(memory, _)| answers.contains(&memory))
            });
        right.count() as f64 / questions.len() as f64
    }
}

fn string(row: &Value, field: &str) -> String {
    let text = row[field].as_str();
    text.unwrap_or_else(|| panic!("{row} has no {field}"))
        .to_owned()
}

/// The cosine in double precision, 0 with a zero embedding.
pub fn cosine(a: &Embedding, b: &Embedding) -> f64 {
    let norms = f64::from(a.squared_norm()) * f64::from(b.squared_norm());
    if norms == 0.0 {
        0.0
    } else {
        f64::from(a.dot(b)) / norms.sqrt()
    }
}

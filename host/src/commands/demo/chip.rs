//! The same memories and questions on a virtual chip, compared bit for bit.

use super::firmware::{self, Run};
use super::recall::{Answer, HITS, Recall};
use crate::command_line::Failure;
use crate::model::Model;
use memt_core::embedding::Embedding;
use memt_core::query::Hit;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// QEMU's name of the machine.
pub(super) const MACHINE: &str = "mps2-an386";

/// Fused scores, in the script's numbering.
const FUSED: u32 = 0;

/// What the chip did.
pub(super) struct Chip {
    /// Answers whose every hit and every bit of every score is the host's.
    pub(super) equal_answers: usize,
    pub(super) answers: usize,
    /// Embeddings of memories and questions whose every byte is the host's.
    pub(super) equal_embeddings: usize,
    pub(super) embeddings: usize,
    /// Mean instructions to encode a question.
    pub(super) encode_instructions: u64,
    /// Mean instructions to answer an encoded question.
    pub(super) query_instructions: u64,
    /// Bytes of one memory and of the bank that holds up to 200.
    pub(super) slot_bytes: u64,
    pub(super) bank_bytes: u64,
}

impl Chip {
    pub(super) fn answers_equal(&self) -> bool {
        self.equal_answers == self.answers
    }

    pub(super) fn embeddings_equal(&self) -> bool {
        self.equal_embeddings == self.embeddings
    }
}

/// A chip that was asked, or why there is none.
pub(super) enum Outcome {
    Asked(Chip),
    Unavailable(String),
}

/// Hands model, snapshot and questions to the firmware's program `answers` and compares what it
/// prints.
pub(super) fn ask(
    recall: &Recall,
    model: &Model,
    firmware: &Path,
    folder: &Path,
) -> Result<Outcome, Failure> {
    let image = model.image().map_err(Failure::failed)?;
    let script = script(&recall.answers);
    let contents: [(&str, &[u8]); 3] = [
        ("model.memt", image.bytes()),
        ("bank.slots", &recall.snapshot),
        ("questions", &script),
    ];
    let files = contents.map(|(name, _)| folder.join(name));
    for (file, (_, bytes)) in files.iter().zip(contents) {
        fs::write(file, bytes)
            .map_err(|error| Failure::failed(format!("{}: {error}", file.display())))?;
    }
    let paths = files.each_ref().map(|file| file.as_path());
    match firmware::run(firmware, "answers", paths)? {
        Run::Unavailable(reason) => Ok(Outcome::Unavailable(reason)),
        Run::Finished(printed) => compare(recall, &printed).map(Outcome::Asked),
    }
}

/// `u32` hits a question, `u32` mode, `u32` count, then per question `u32` bytes and UTF-8.
fn script(answers: &[Answer]) -> Vec<u8> {
    let mut script = Vec::new();
    for number in [HITS as u32, FUSED, answers.len() as u32] {
        script.extend(number.to_le_bytes());
    }
    for answer in answers {
        script.extend((answer.question.len() as u32).to_le_bytes());
        script.extend(answer.question.as_bytes());
    }
    script
}

fn compare(recall: &Recall, printed: &str) -> Result<Chip, Failure> {
    let starting = |word: &'static str| printed.lines().filter(move |line| line.starts_with(word));
    let mut embeddings = starting("memory ").chain(starting("question "));
    let expected = expected_embeddings(recall);
    let equal_embeddings = expected
        .iter()
        .filter(|expected| embeddings.next() == Some(expected.as_str()))
        .count();
    let equal_answers = (0..)
        .zip(&recall.answers)
        .filter(|(number, answer)| {
            let prefix = format!("hit {number} ");
            let hits = printed.lines().filter(|line| line.starts_with(&prefix));
            hits.eq(answer.hits.iter().map(|hit| hit_line(*number, hit)))
        })
        .count();
    Ok(Chip {
        equal_answers,
        answers: recall.answers.len(),
        equal_embeddings,
        embeddings: expected.len(),
        encode_instructions: mean(starting("cost "), "encode")?,
        query_instructions: mean(starting("cost "), "query")?,
        slot_bytes: mean(starting("sizes "), "slot")?,
        bank_bytes: mean(starting("sizes "), "bank")?,
    })
}

fn expected_embeddings(recall: &Recall) -> Vec<String> {
    let memories = recall.store.bank().owned_by(None);
    let memories =
        memories.map(|slot| format!("memory {} {}", slot.facts.key, hexadecimal(slot.embedding)));
    let questions =
        recall.answers.iter().enumerate().map(|(number, answer)| {
            format!("question {number} {}", hexadecimal(&answer.embedding))
        });
    memories.chain(questions).collect()
}

fn hit_line(number: usize, hit: &Hit) -> String {
    let [total, cosine, lexical] =
        [hit.score.total, hit.score.cosine, hit.score.lexical].map(f32::to_bits);
    format!(
        "hit {number} {} {total:08x} {cosine:08x} {lexical:08x}",
        hit.key
    )
}

fn hexadecimal(embedding: &Embedding) -> String {
    embedding
        .0
        .iter()
        .fold(String::new(), |mut digits, component| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{:02x}", *component as u8);
            digits
        })
}

/// The mean of `name=NUMBER` over these lines.
fn mean<'p>(lines: impl Iterator<Item = &'p str>, name: &str) -> Result<u64, Failure> {
    let mut sum = 0;
    let mut count = 0;
    for line in lines {
        let mut pairs = line.split(' ').filter_map(|word| word.split_once('='));
        let value = pairs.find(|(found, _)| *found == name);
        let value = value.and_then(|(_, number)| number.parse::<u64>().ok());
        sum += value.ok_or_else(|| Failure::failed(format!("the chip printed {line:?}")))?;
        count += 1;
    }
    match count {
        0 => Err(Failure::failed(format!("the chip printed no {name}"))),
        count => Ok(sum / count),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bundle::Bundle;
    use super::*;

    /// What a chip prints that computes as this computer does.
    fn equal_chip(recall: &Recall) -> String {
        let hits = recall.answers.iter().enumerate();
        let hits = hits.flat_map(|(number, answer)| {
            let lines = answer.hits.iter().map(move |hit| hit_line(number, hit));
            lines.chain([format!("cost {number} encode=10 query={number}")])
        });
        let lines = expected_embeddings(recall).into_iter().chain(hits);
        let lines: Vec<String> = lines.chain(["sizes slot=5 bank=9".to_owned()]).collect();
        lines.join("\n")
    }

    #[test]
    fn one_bit_makes_a_difference() {
        let folder = tempfile::tempdir().unwrap();
        let model = Model::built_in().unwrap();
        let recall = Recall::of(&Bundle::load().unwrap(), &model, folder.path()).unwrap();
        let printed = equal_chip(&recall);
        let chip = compare(&recall, &printed).unwrap();
        assert!(chip.answers_equal() && chip.embeddings_equal());
        assert_eq!((chip.embeddings, chip.answers), (145, 25));
        assert_eq!(
            (chip.encode_instructions, chip.query_instructions),
            (10, 12)
        );
        assert_eq!((chip.slot_bytes, chip.bank_bytes), (5, 9));

        let hit = hit_line(3, &recall.answers[3].hits[HITS - 1]);
        let mut other = recall.answers[3].hits[HITS - 1];
        other.score.total = f32::from_bits(other.score.total.to_bits() ^ 1);
        let changed = printed.replace(&hit, &hit_line(3, &other));
        let chip = compare(&recall, &changed).unwrap();
        assert_eq!((chip.equal_answers, chip.equal_embeddings), (24, 145));

        let (first, rest) = printed.split_once('\n').unwrap();
        let chip = compare(&recall, rest).unwrap();
        assert!(!chip.embeddings_equal() && chip.answers_equal());
        let digit = if first.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{digit}\n{rest}", &first[..first.len() - 1]);
        assert_eq!(compare(&recall, &changed).unwrap().equal_embeddings, 144);
        assert!(compare(&recall, "nonsense").is_err());
    }
}

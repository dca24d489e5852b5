//! Feedback: what judging the answers to some questions does for others about the same memories, and for
//! others altogether.

use super::{Encoded, Half, Kind, Question, Statements, Task, Way, Written};
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::feedback::Verdict;
use memt_core::overlap::term;
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::text::Words;
use rayon::prelude::*;

/// Hits that are shown to whoever judges.
const SHOWN: usize = 10;

/// Persons, rooms or things about whom statements of one pattern are in a bank.
const KEYS: usize = 14;

/// What somebody does with the hits that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judge {
    /// Chooses the first that is right.
    Chooses,
    /// Says only of the first whether it is right.
    Thumbs,
    /// Chooses, and says of what came first that it is wrong.
    Both,
}

impl Judge {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chooses, Self::Thumbs, Self::Both];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chooses => "right hit chosen",
            Self::Thumbs => "first hit judged",
            Self::Both => "both",
        }
    }
}

/// What a question has to do with feedback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its own hits were judged.
    Judged,
    /// A judged question in fewer words: those that are not stop words, as one types them to find again what
    /// was found before.
    Reworded,
    /// Those of another question with the same answer were.
    HeldBack,
    /// No question with its answer was.
    Other,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Judged, Self::Reworded, Self::HeldBack, Self::Other];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Reworded => "reworded",
            Self::HeldBack => "held back",
            Self::Other => "others",
        }
    }
}

/// How a question is answered before and after all feedback: whether the first hit is right, the share of right
/// ones among ten, and the reciprocal rank of the first right one of ten.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// What the question has to do with feedback.
    pub part: Part,
    /// Questions of one family are alike.
    pub family: usize,
    /// Before.
    pub before: [f64; 3],
    /// After.
    pub after: [f64; 3],
}

/// What feedback does in one bank.
pub fn feedback(
    task: &Task,
    judge: Judge,
    encoder: &TextEncoder<'_>,
    encoded: &Encoded,
) -> Result<Vec<Outcome>, ScratchTooSmall> {
    let mut written = Written::of(task, Way::Loop, encoder, encoded)?;
    let questions = task.questions.iter().cloned().zip(parts(&task.questions));
    let mut questions: Vec<(Question, Part)> = questions.collect();
    let judged = questions.iter().filter(|(_, part)| *part == Part::Judged);
    let judged: Vec<Question> = judged.map(|(question, _)| question.clone()).collect();
    let reworded = judged.iter().filter_map(reworded);
    questions.extend(reworded.map(|question| (question, Part::Reworded)));
    let before = answered(&written, &questions)?;
    for (now, question) in (0..).zip(&judged) {
        say(&mut written, judge, question, Timestamp(now))?;
    }
    let after = answered(&written, &questions)?;
    let outcomes = questions.iter().zip(before.into_iter().zip(after));
    let outcomes = outcomes.map(|((question, part), (before, after))| Outcome {
        part: *part,
        family: question.family,
        before,
        after,
    });
    Ok(outcomes.collect())
}

/// A question without its stop words; `None` if nothing or all is left of it.
fn reworded(question: &Question) -> Option<Question> {
    let words = Words::of(&question.text).filter(|&word| term(word).is_some());
    let text = words
        .map(|word| word.as_written())
        .collect::<Vec<_>>()
        .join(" ");
    let all = Words::of(&question.text).count();
    let left = Words::of(&text).count();
    (left > 0 && left < all).then(|| Question {
        text,
        ..question.clone()
    })
}

/// Of questions that share an answer, every other one is judged.
fn parts(questions: &[Question]) -> Vec<Part> {
    let share =
        |a: &Question, b: &Question| a.answers.iter().any(|answer| b.answers.contains(answer));
    let mut parts = vec![Part::Other; questions.len()];
    for (at, question) in questions.iter().enumerate() {
        let alike =
            (0..questions.len()).filter(|&other| other != at && share(question, &questions[other]));
        let alike: Vec<usize> = alike.collect();
        if alike.is_empty() {
            continue;
        }
        let judged = alike
            .iter()
            .any(|&other| other < at && parts[other] == Part::Judged);
        parts[at] = match judged {
            true => Part::HeldBack,
            false => Part::Judged,
        };
    }
    parts
}

fn options() -> QueryOptions {
    QueryOptions::of_owner(Owner(0))
}

fn right(written: &Written<'_>, question: &Question) -> Vec<Key> {
    let answers = question.answers.iter();
    answers.filter_map(|&number| written.key(number)).collect()
}

fn answered(
    written: &Written<'_>,
    questions: &[(Question, Part)],
) -> Result<Vec<[f64; 3]>, ScratchTooSmall> {
    let each = questions.par_iter();
    each.map(|(question, _)| {
        let hits = written.ask(&question.text, &options(), SHOWN)?;
        let right = right(written, question);
        let is_right = |hit: &Hit| right.contains(&hit.key);
        let found = hits.iter().filter(|hit| is_right(hit)).count();
        let first = hits.iter().position(is_right);
        Ok([
            f64::from(u8::from(first == Some(0))),
            found as f64 / right.len().max(1) as f64,
            first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
        ])
    })
    .collect()
}

/// Asks, and says what is to be said of the hits.
fn say(
    written: &mut Written<'_>,
    judge: Judge,
    question: &Question,
    now: Timestamp,
) -> Result<(), ScratchTooSmall> {
    let hits = written.ask(&question.text, &options(), SHOWN)?;
    let right = right(written, question);
    let chosen = hits.iter().find(|hit| right.contains(&hit.key));
    let (first, chosen) = (hits.first().map(|hit| hit.key), chosen.map(|hit| hit.key));
    let wrong = first.filter(|first| !right.contains(first));
    let (positive, negative) = match judge {
        Judge::Chooses => (chosen, None),
        Judge::Thumbs => (chosen.filter(|_| wrong.is_none()), wrong),
        Judge::Both => (chosen, wrong),
    };
    let said = [(negative, Verdict::Negative), (positive, Verdict::Positive)];
    for (key, verdict) in said {
        if let Some(key) = key {
            written.judge(&question.text, key, verdict, now)?;
        }
    }
    Ok(())
}

/// Facts about some persons, rooms and things, and two questions about each; of half of them, one question is
/// judged. The others differ from those in one word.
pub fn alike_facts(half: Half) -> Task {
    let statements = Statements::of(half);
    let mut task = Task::default();
    let facts = statements.subjects(Kind::Fact);
    let of_patterns = facts.chunk_by(|a, b| a.template == b.template);
    for subject in of_patterns.flat_map(|subjects| &subjects[..KEYS.min(subjects.len())]) {
        let number = task.memories.len();
        task.memories.push(statements.told(*subject, 0));
        // Whoever has one question only has none that could be judged for it.
        let questions = statements.questions(*subject).into_iter();
        let questions = questions.skip(number % 2);
        task.questions.extend(questions.map(|text| Question {
            text,
            answers: vec![number],
            family: subject.template,
        }));
    }
    task
}

//! What is said of answers, and what the memory learns of it.

use super::journal::{Feedback, Note};
use super::memory::{now, seconds};
use super::order::Plan;
use super::{Memories, key_of, memory_of, unknown};
use crate::server::access::Access;
use crate::server::error::ApiError;
use memt_core::embedding::Embedding;
use memt_core::feedback::{Judgement, Verdict, Weight};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Questions that are remembered, so that whoever judges an answer need not repeat them.
const QUESTIONS: usize = 256;

/// Answers that are remembered of each.
const ANSWERS: usize = 16;

/// Bytes of the longest question that is remembered.
const MOST_BYTES: usize = 4096;

/// The last questions and who was shown what.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<VecDeque<Question>>);

#[derive(Clone, Debug)]
struct Question {
    /// The name of the key that asked.
    key: Arc<str>,
    text: Arc<str>,
    embedding: Embedding,
    shown: Box<[Uuid]>,
}

impl Asked {
    /// Remembers a question and its answers.
    pub(super) fn note(
        &self,
        access: &Access,
        text: &str,
        embedding: &Embedding,
        shown: impl Iterator<Item = Uuid>,
    ) {
        let shown: Box<[Uuid]> = shown.take(ANSWERS).collect();
        if shown.is_empty() || text.len() > MOST_BYTES {
            return;
        }
        let question = Question {
            key: Arc::clone(&access.name),
            text: text.into(),
            embedding: *embedding,
            shown,
        };
        let mut questions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if questions.len() == QUESTIONS {
            questions.pop_front();
        }
        questions.push_back(question);
    }

    /// The last question for which this key was shown a memory.
    fn about(&self, access: &Access, memory: Uuid) -> Option<(Arc<str>, Embedding)> {
        let questions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut newest = questions.iter().rev();
        let found =
            newest.find(|question| question.key == access.name && question.shown.contains(&memory));
        found.map(|question| (Arc::clone(&question.text), question.embedding))
    }
}

/// What somebody says of a memory as an answer.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// Which memory.
    pub id: String,
    /// The question; the last one for which the memory was shown if it is not said.
    pub question: Option<String>,
    /// Whether it answers; `None` takes back all that was said of the memory.
    pub verdict: Option<Verdict>,
    /// The word for it that an application uses, kept as it is.
    pub word: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Opinion {
    /// That in mem0's words: POSITIVE, NEGATIVE, VERY_NEGATIVE, or nothing to take it back.
    pub fn of(
        id: String,
        word: Option<&str>,
        question: Option<String>,
        reason: Option<String>,
    ) -> Result<Self, ApiError> {
        let word = word.map(str::to_uppercase);
        let verdict = match word.as_deref() {
            None => None,
            Some("POSITIVE") => Some(Verdict::Positive),
            Some("NEGATIVE") => Some(Verdict::Negative),
            Some("VERY_NEGATIVE") => Some(Verdict::VeryNegative),
            Some(other) => {
                return Err(ApiError::bad_request(format!(
                    "`feedback` is `{other}`; it is one of POSITIVE, NEGATIVE, VERY_NEGATIVE, or null"
                )));
            }
        };
        Ok(Self {
            id,
            question,
            verdict,
            word,
            reason,
        })
    }
}

/// What the memory has learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// The question that it was about, if that is known.
    pub question: Option<String>,
    /// What the memory gains for that very question; 0 if nothing was to be learned.
    pub weight: f32,
}

impl Memories {
    /// Learns what is said of an answer, and keeps it. Without a question there is nothing to learn, and it is
    /// only kept.
    pub async fn judge(&self, access: &Access, opinion: Opinion) -> Result<Learned, ApiError> {
        access.may_write()?;
        let id = self.get(access, &opinion.id)?.id;
        let asked = match &opinion.question {
            Some(text) => {
                let embedding = self.encoder.encode_one(text);
                let embedding = embedding.map_err(ApiError::internal)?;
                Some((text.as_str().into(), embedding))
            }
            None => self.asked.about(access, id),
        };
        let access = access.clone();
        self.change(move |kept| {
            let key = key_of(kept, &access, &opinion.id)?;
            let memory = memory_of(kept, key).ok_or_else(|| unknown(&opinion.id))?;
            let mut plan = Plan {
                remove_notes: kept.journal.feedback(memory.id).into_iter().collect(),
                // What judgements weigh depends on each other.
                touched: vec![memory.id, Uuid::nil()],
                ..Plan::default()
            };
            let mut learned = Learned {
                question: None,
                weight: 0.0,
            };
            let Some(verdict) = opinion.verdict else {
                plan.take_back.push(key);
                return Ok((plan, learned));
            };
            let at = now();
            if let Some((text, embedding)) = &asked {
                let weight = kept.store.bank().weigh(text, embedding, key, verdict);
                let weight: Weight = weight.map_err(ApiError::bad_request)?;
                learned = Learned {
                    question: Some(String::from(&**text)),
                    weight: weight.to_f32(),
                };
                plan.judge.push(Judgement {
                    key,
                    question: *embedding,
                    weight,
                    time: seconds(at),
                });
            }
            plan.notes.push(Note::Feedback(Feedback {
                memory: memory.id,
                feedback: opinion.word.clone().unwrap_or_default(),
                reason: opinion.reason.clone(),
                question: learned.question.clone(),
                at,
            }));
            Ok((plan, learned))
        })
        .await
    }
}

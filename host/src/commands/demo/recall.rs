//! Writing the memories to a bank file, and asking.

use super::bundle::{Bundle, Memory, Question};
use crate::bank::OwnedSlot;
use crate::command_line::Failure;
use crate::model::{Arithmetic, Model, TextEncoder};
use crate::store::{NewEntry, Opening, Store};
use memt_core::embedding::Embedding;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Factor, Key, Owner, Timestamp};
use memt_core::write::NewMemory;
use std::path::Path;
use std::time::{Duration, Instant};

/// Hits a question.
pub(super) const HITS: usize = 10;

/// What a chip searches too: everybody's memories, without a threshold.
const OPTIONS: QueryOptions = QueryOptions {
    owner: None,
    mode: Mode::Fused,
    min_score: 0.0,
    recency: None,
    times: None,
    neighbours: false,
};

const OWNER: &str = "demo";
const FIRST_WRITTEN: u32 = 1_767_225_600;
const SECONDS_BETWEEN: u32 = 3600;

/// A bank of the bundled memories and what it answered.
pub(super) struct Recall {
    pub(super) store: Store,
    pub(super) answers: Vec<Answer>,
    pub(super) snapshot: Vec<u8>,
    /// From text to a synced file.
    pub(super) write_time: Duration,
    /// From text to hits, all questions.
    pub(super) ask_time: Duration,
}

/// A question and its hits.
pub(super) struct Answer {
    pub(super) question: String,
    pub(super) embedding: Embedding,
    /// Best first, at most [`HITS`].
    pub(super) hits: Vec<Hit>,
    /// The memory that should be first.
    pub(super) right: Key,
}

impl Answer {
    /// Whether the right memory comes first.
    pub(super) fn is_right(&self) -> bool {
        self.rank() == Some(0)
    }

    /// Where among the hits the right memory is, from 0.
    pub(super) fn rank(&self) -> Option<usize> {
        self.hits.iter().position(|hit| hit.key == self.right)
    }
}

impl Recall {
    pub(super) fn of(bundle: &Bundle, model: &Model, folder: &Path) -> Result<Self, Failure> {
        let encoder = model
            .text_encoder(Arithmetic::Fixed)
            .map_err(Failure::bad_input)?;
        let path = folder.join("demo.redb");
        let opening = Opening::or_new(&path);
        let mut store = opening
            .open(encoder.fingerprint())
            .map_err(Failure::failed)?;
        let start = Instant::now();
        let keys = write(&mut store, &bundle.memories, &encoder)?;
        let write_time = start.elapsed();
        let start = Instant::now();
        let asked = bundle.questions.iter();
        let answers = asked
            .map(|question| {
                ask(
                    &store,
                    question,
                    right_key(question, bundle, &keys)?,
                    &encoder,
                )
            })
            .collect::<Result<_, _>>()?;
        let ask_time = start.elapsed();
        let snapshot = store.export(None).map_err(Failure::failed)?;
        Ok(Self {
            store,
            answers,
            snapshot,
            write_time,
            ask_time,
        })
    }

    /// Questions whose right answer comes first.
    pub(super) fn right(&self) -> usize {
        self.answers
            .iter()
            .filter(|answer| answer.is_right())
            .count()
    }

    /// The share of them.
    pub(super) fn recall_at_1(&self) -> f64 {
        self.right() as f64 / self.answers.len() as f64
    }
}

fn write(
    store: &mut Store,
    memories: &[Memory],
    encoder: &TextEncoder<'_>,
) -> Result<Vec<Key>, Failure> {
    let texts: Vec<&str> = memories.iter().map(|memory| memory.text.as_str()).collect();
    let embeddings = encoder.encode_all(&texts).map_err(Failure::failed)?;
    let times = (FIRST_WRITTEN..).step_by(SECONDS_BETWEEN as usize);
    let mut entries = Vec::with_capacity(memories.len());
    for ((memory, embedding), created) in memories.iter().zip(&embeddings).zip(times) {
        let new = NewMemory {
            owner: Owner(0),
            text: &memory.text,
            embedding,
            created: Timestamp(created),
            importance: Factor::ONE,
        };
        entries.push(NewEntry {
            slot: OwnedSlot::of(&new, &[]).map_err(Failure::failed)?,
            owner_name: OWNER.to_owned(),
            external_id: Some(memory.id.clone()),
        });
    }
    let added = store.add(entries).map_err(Failure::failed)?;
    let keys: Vec<Key> = added.iter().map(|added| added.key).collect();
    store.learn(&keys, encoder).map_err(Failure::failed)?;
    Ok(keys)
}

fn right_key(question: &Question, bundle: &Bundle, keys: &[Key]) -> Result<Key, Failure> {
    let mut memories = bundle.memories.iter().zip(keys);
    let found = memories.find(|(memory, _)| question.right.contains(&memory.id));
    found
        .map(|(_, &key)| key)
        .ok_or_else(|| Failure::failed(format!("nothing answers {:?}", question.text)))
}

fn ask(
    store: &Store,
    question: &Question,
    right: Key,
    encoder: &TextEncoder<'_>,
) -> Result<Answer, Failure> {
    let embedding = encoder
        .encode_one(&question.text)
        .map_err(Failure::failed)?;
    let hits = store
        .bank()
        .query(&question.text, &embedding, &OPTIONS, HITS)
        .map_err(Failure::failed)?;
    Ok(Answer {
        question: question.text.clone(),
        embedding,
        hits,
        right,
    })
}

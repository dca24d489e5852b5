//! Questions to a bank, and their answers reckoned in double precision.

use super::history::{SLOTS, TERMS, TEXTS, TestBank, embedding};
use memt_core::overlap::terms;
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::{Mode, fuse};
use memt_core::slot::{Owner, Timestamp};
use memt_tests::quality::cosine;
use memt_tests::vec_bank::{Memory, VecBank, counted};
use proptest::prelude::*;

/// The cosine's fixed point is within 2^-13 and the curve over it rises by less than 3; single
/// precision adds far less.
const TOLERANCE: f64 = 4e-4;

/// A question with its options.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    text: usize,
    embedding: u64,
    owner: Option<u64>,
    mode: u8,
    min_score: f32,
    recency: Option<u32>,
    neighbours: bool,
    room: usize,
}

impl Question {
    pub(crate) fn any(time: impl Strategy<Value = u32>) -> impl Strategy<Value = Self> {
        let whose = (0..TEXTS.len(), 0..6u64, prop::option::of(0..3u64), 0..3u8);
        let how = (
            prop_oneof![Just(0.0f32), 0.0..1.0f32],
            prop::option::of(time),
            any::<bool>(),
        );
        (whose, how, 0..=SLOTS + 1).prop_map(|(whose, how, room)| Self {
            text: whose.0,
            embedding: whose.1,
            owner: whose.2,
            mode: whose.3,
            min_score: how.0,
            recency: how.1,
            neighbours: how.2,
            room,
        })
    }

    fn options(&self) -> QueryOptions {
        QueryOptions {
            owner: self.owner.map(Owner),
            mode: [Mode::Fused, Mode::Dense, Mode::Lexical][usize::from(self.mode)],
            min_score: self.min_score,
            recency: self.recency.map(Timestamp),
            neighbours: self.neighbours,
        }
    }
}

/// Asks the bank and compares every hit with the list's memories.
pub(crate) fn check_question(bank: &TestBank, list: &VecBank, question: &Question) {
    let text = TEXTS[question.text];
    let embedding = embedding(question.embedding);
    let options = question.options();
    let mut all = [Hit::default(); SLOTS];
    let answer = bank.query(text, &embedding, &options, &mut all);
    let has_words = text.chars().any(char::is_alphanumeric);
    let few_terms = counted(text).len() <= TERMS;
    assert_eq!(answer.is_ok(), has_words && few_terms, "{answer:?}");
    let Ok(found) = answer else {
        return;
    };
    let all = &all[..found];
    let searched = list.owned_by(question.owner);
    check_scores(all, &searched, &totals(question, &searched), question);
    assert!(all.is_sorted_by(|a, b| {
        let totals = (a.score.total, b.score.total);
        totals.0 > totals.1 || totals.0 == totals.1 && (a.created, a.key) < (b.created, b.key)
    }));
    let mut few = vec![Hit::default(); question.room];
    let found = bank.query(text, &embedding, &options, &mut few).unwrap();
    assert_eq!(few[..found], all[..question.room.min(all.len())]);
}

fn check_scores(hits: &[Hit], searched: &[&Memory], totals: &[f64], question: &Question) {
    for (memory, expected) in searched.iter().zip(totals) {
        let hit = hits.iter().find(|hit| hit.key == memory.key);
        let distance = expected - f64::from(question.min_score);
        assert!(
            hit.is_some() || distance < TOLERANCE,
            "{memory:?} is missing"
        );
        let Some(hit) = hit else {
            continue;
        };
        let score = hit.score;
        assert!(score.total >= question.min_score && distance > -TOLERANCE);
        assert!((0.0..=1.0).contains(&score.total), "{score:?}");
        assert!(
            (f64::from(score.total) - expected).abs() < TOLERANCE,
            "{score:?} {expected}"
        );
        assert_eq!(hit.created.0, memory.created);
        let same_text = TEXTS[question.text] == memory.text;
        let same_embedding =
            question.embedding > 0 && embedding(question.embedding) == memory.embedding;
        if same_text && same_embedding && question.mode != 2 && question.recency.is_none() {
            assert!(score.total >= 0.9, "an exact text scores {}", score.total);
        }
    }
    let known = |hit: &Hit| searched.iter().any(|memory| memory.key == hit.key);
    assert!(hits.iter().all(known), "a hit that nobody searched for");
}

/// The total of each memory, neighbours included.
fn totals(question: &Question, searched: &[&Memory]) -> Vec<f64> {
    let own: Vec<f64> = searched
        .iter()
        .map(|memory| own_total(question, memory, searched))
        .collect();
    if !question.neighbours {
        return own;
    }
    let at = |index: Option<usize>| {
        index
            .and_then(|index| own.get(index))
            .copied()
            .unwrap_or(0.0)
    };
    (0..own.len())
        .map(|index| {
            let mean = (at(index.checked_sub(1)) + at(Some(index + 1))) / 2.0;
            own[index] + (0.35 * (mean - own[index])).max(0.0)
        })
        .collect()
}

fn own_total(question: &Question, memory: &Memory, searched: &[&Memory]) -> f64 {
    let meaning = match question.mode {
        2 => 0.0,
        _ => cosine(&embedding(question.embedding), &memory.embedding).clamp(0.0, 1.0),
    };
    let lexical = match question.mode {
        1 => 0.0,
        _ => bm25(TEXTS[question.text], memory, searched),
    };
    let strength = 0.95 + 0.05 * (f64::from(memory.strength) / 4096.0 - 1.0).clamp(0.0, 1.0);
    let recency = question.recency.map_or(1.0, |now| {
        let age = f64::from(now.saturating_sub(memory.created));
        0.9 + 0.1 * (-age / (30.0 * 86_400.0)).exp2()
    });
    f64::from(fuse(meaning as f32, lexical as f32)) * strength * recency
}

fn bm25(question: &str, memory: &Memory, searched: &[&Memory]) -> f64 {
    let lengths: usize = searched
        .iter()
        .map(|other| terms(&other.text).count())
        .sum();
    let mean = if lengths == 0 {
        1.0
    } else {
        lengths as f64 / searched.len() as f64
    };
    let length = terms(&memory.text).count() as f64;
    let counts = counted(&memory.text);
    let mut sum = 0.0;
    for term in terms(question) {
        let count = f64::from(counts.get(&term).copied().unwrap_or(0));
        let having = searched
            .iter()
            .filter(|other| counted(&other.text).contains_key(&term));
        let frequency = having.count() as f64;
        let rarity = (1.0 + (searched.len() as f64 - frequency + 0.5) / (frequency + 0.5)).ln();
        sum += rarity * count * 1.9 / (count + 0.9 * (0.6 + 0.4 * length / mean));
    }
    sum
}

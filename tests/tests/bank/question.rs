//! Questions to a bank, and their answers reckoned in double precision.

use super::history::{SLOTS, TERMS, TEXTS, TestBank, embedding};
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::overlap::{asked_terms, terms};
use memt_core::query::{Hit, QueryOptions};
use memt_core::score::Mode;
use memt_core::slot::{Owner, Timestamp};
use memt_core::tokens::hash::CharacterHash;
use memt_tests::neighbours::with_neighbours;
use memt_tests::quality::cosine;
use memt_tests::vec_bank::{Memory, VecBank, counted, distinct_terms};
use proptest::prelude::*;

/// The cosines' fixed point is within 2^-13. Taking out what is common stretches it by up to 2.5 and
/// shortness by up to 2, the two other cosines add as much again, and the curve rises by less than 2.
const TOLERANCE: f64 = 3e-3;

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
            times: None,
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
    let few_terms = asked(text).len() <= TERMS;
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
    match question.neighbours {
        true => with_neighbours(&own),
        false => own,
    }
}

fn own_total(question: &Question, memory: &Memory, searched: &[&Memory]) -> f64 {
    let text = TEXTS[question.text];
    let likeness = match question.mode {
        2 => 0.0,
        _ => meaning(&embedding(question.embedding), memory, searched),
    };
    let words = match question.mode {
        1 => 0.0,
        _ => words(text, memory, searched),
    };
    let strange = |&(hash, name): &(u32, bool)| name && holding(hash, searched) == 0.0;
    let chance = (searched.len() as f64 + 1.0).ln().sqrt() * mean_length(searched).max(1.0).cbrt();
    let half = (0.115 * chance).clamp(0.15, 0.85);
    let half = if asked_terms(text).any(|term| strange(&term)) {
        2.0 * half
    } else {
        half
    };
    let evidence = likeness + 0.75 * likeness.powi(8) + words;
    let strength = 0.95 + 0.05 * (f64::from(memory.strength) / 4096.0 - 1.0).clamp(0.0, 1.0);
    let recency = question.recency.map_or(1.0, |now| {
        let age = f64::from(now.saturating_sub(memory.created));
        0.9 + 0.1 * (-age / (30.0 * 86_400.0)).exp2()
    });
    evidence.powi(4) / (evidence.powi(4) + f64::powi(half, 4)) * strength * recency
}

fn meaning(question: &Embedding, memory: &Memory, searched: &[&Memory]) -> f64 {
    let mut sums = [0; DIMENSIONS];
    for other in searched {
        for (sum, component) in sums.iter_mut().zip(other.embedding.0) {
            *sum += i32::from(component);
        }
    }
    let common = Embedding::of_sums(&sums);
    let q = cosine(question, &common).max(0.0);
    let d = cosine(&memory.embedding, &common).max(0.0);
    let memories = searched.len() as f64;
    let removed = 0.85 * memories / (memories + 12.0) * q;
    let likeness = (cosine(question, &memory.embedding) - removed * d) / (1.0 - removed * q);
    let likeness = likeness.clamp(0.0, 1.0);
    let length = terms(&memory.text).count() as f64;
    (likeness - (1.0 - likeness) / (length + 1.0)).max(0.0)
}

/// The distinct terms of a question with their counts, in order of first occurrence.
fn asked(text: &str) -> Vec<(u32, f64)> {
    let mut distinct: Vec<(u32, f64)> = Vec::new();
    for (hash, _) in asked_terms(text) {
        match distinct.iter_mut().find(|term| term.0 == hash) {
            Some(term) => term.1 += 1.0,
            None => distinct.push((hash, 1.0)),
        }
    }
    distinct
}

fn holding(term: u32, searched: &[&Memory]) -> f64 {
    let having = searched
        .iter()
        .filter(|other| counted(&other.text).contains_key(&term));
    having.count() as f64
}

/// At least 1.
fn mean_length(searched: &[&Memory]) -> f64 {
    let lengths: usize = searched
        .iter()
        .map(|other| terms(&other.text).count())
        .sum();
    match lengths {
        0 => 1.0,
        _ => lengths as f64 / searched.len() as f64,
    }
}

fn words(question: &str, memory: &Memory, searched: &[&Memory]) -> f64 {
    let mean = mean_length(searched);
    let length = terms(&memory.text).count() as f64;
    let counts = counted(&memory.text);
    let (mut sum, mut common, mut mass) = (0.0, 0.0, 0.0);
    let mut weighed = Vec::new();
    for (term, repeats) in asked(question) {
        let count = f64::from(counts.get(&term).copied().unwrap_or(0));
        let frequency = holding(term, searched);
        let rarity = (1.0 + (searched.len() as f64 - frequency + 0.5) / (frequency + 0.5)).ln();
        let weight = repeats * (rarity + 0.3 * rarity_at_large(term));
        mass += weight;
        weighed.push((term, weight));
        common += if count > 0.0 { weight } else { 0.0 };
        sum += weight * count * 1.6 / (count + 0.6 * (0.7 + 0.3 * length / mean));
    }
    if sum == 0.0 {
        0.0
    } else {
        let sequence = sequence(&weighed, &memory.text);
        sum / (8.0 * f64::sqrt(mass)) + (0.4 * common + 0.6 * sequence) / mass
    }
}

/// Half the weights of both terms for each two that stand side by side in the question and in the memory, each without what
/// was said before.
fn sequence(weighed: &[(u32, f64)], memory: &str) -> f64 {
    let said = distinct_terms(memory);
    let beside = |a: u32, b: u32| said.windows(2).any(|pair| pair == [a, b]);
    let pairs = weighed
        .windows(2)
        .filter(|pair| beside(pair[0].0, pair[1].0));
    pairs.map(|pair| (pair[0].1 + pair[1].1) / 2.0).sum()
}

/// Stems are told apart by three bytes of their hashes.
fn rarity_at_large(term: u32) -> f64 {
    let mut stems = include_str!("../../../core/src/text/common.txt").lines();
    let found = stems.position(|stem| CharacterHash::of(stem.chars()) >> 8 == term >> 8);
    match found {
        Some(0..64) => 0.0,
        Some(64..256) => 1.0,
        Some(_) => 1.8,
        None => 5.3,
    }
}

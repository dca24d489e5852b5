//! The score of core with one part left out: what each part is worth.
//!
//! It composes core's own functions in single precision, so that with no part left out it ranks as a
//! bank does.

use memt_core::embedding::DIMENSIONS;
use memt_core::overlap::{AT_LARGE, B, K1, Overlap, asked_terms, terms};
use memt_core::score::{BM25_SCALE, evidence, meaning, words};
use memt_core::survey::{COMMON_HALF, COMMON_SHARE};
use memt_core::text::common::rarity_at_large;
use memt_eval::Dense;
use memt_eval::rank::{GroupRanker, RankError, Ranker};
use ndarray::{Array1, Array2};
use std::collections::HashMap;

/// A part of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Taking out what all memories have in common.
    Common,
    /// Lowering texts of few words.
    Shortness,
    /// Leaving out words that say how a question is asked.
    AskingWords,
    /// How rare words are at large, beside among the memories.
    AtLarge,
    /// Dividing BM25 by the root of the question's weight.
    Root,
    /// The share of the question's weight that is there.
    Coverage,
    /// Words that follow each other in question and memory.
    Sequence,
    /// BM25 for short texts; without it, the textbook's 1.2 and 0.75.
    ShortTexts,
    /// Meaning in all.
    Meaning,
    /// Words in all.
    Words,
}

impl Part {
    /// Every part, with its name.
    pub(super) const ALL: [(Self, &'static str); 10] = [
        (Self::Common, "common direction"),
        (Self::Shortness, "shortness"),
        (Self::AskingWords, "asking words"),
        (Self::AtLarge, "rarity at large"),
        (Self::Root, "root of weight"),
        (Self::Coverage, "coverage"),
        (Self::Sequence, "words in sequence"),
        (Self::ShortTexts, "BM25 of short texts"),
        (Self::Meaning, "meaning"),
        (Self::Words, "words"),
    ];
}

/// The weight of a usual question, by which BM25 is divided when the question's own is left out.
const USUAL_WEIGHT: f32 = 17.5;

/// The score without one part.
pub(super) struct Without<'d> {
    dense: &'d Dense<'d>,
    part: Part,
}

impl<'d> Without<'d> {
    pub(super) fn new(dense: &'d Dense<'d>, part: Part) -> Self {
        Self { dense, part }
    }
}

impl Ranker for Without<'_> {
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        self.dense.prepare(texts)
    }

    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        let rows = self.dense.embed(documents)?;
        let common = rows.sum_axis(ndarray::Axis(0));
        let norm = common.dot(&common).sqrt().max(f32::MIN_POSITIVE);
        let texts: Vec<Text> = documents.iter().map(|text| Text::of(text)).collect();
        let mut frequencies = HashMap::new();
        for term in texts.iter().flat_map(|text| text.counts.keys()) {
            *frequencies.entry(*term).or_insert(0.0) += 1.0;
        }
        let length: u32 = texts.iter().map(|text| text.length).sum();
        let in_common = rows.dot(&common).mapv(|dot| (dot / norm).max(0.0));
        Ok(Box::new(Group {
            without: self,
            mean_length: (length as f32 / texts.len().max(1) as f32).max(1.0),
            common: common / norm,
            in_common,
            rows,
            texts,
            frequencies,
        }))
    }
}

struct Text {
    /// How often each term occurs, and its place among them in the order of their first occurrence.
    counts: HashMap<u32, (f32, usize)>,
    length: u32,
}

impl Text {
    fn of(text: &str) -> Self {
        let mut counts = HashMap::new();
        let mut length = 0;
        for term in terms(text) {
            let place = counts.len();
            counts.entry(term).or_insert((0.0, place)).0 += 1.0;
            length += 1;
        }
        Self { counts, length }
    }
}

impl Text {
    /// [`Overlap::sequence`], of terms that a question may say again.
    fn sequence(&self, terms: &[(u32, f32)]) -> f32 {
        let mut distinct: Vec<(u32, f32)> = Vec::with_capacity(terms.len());
        for &(term, weight) in terms {
            match distinct.iter_mut().find(|own| own.0 == term) {
                Some(own) => own.1 += weight,
                None => distinct.push((term, weight)),
            }
        }
        let place = |term: &(u32, f32)| self.counts.get(&term.0).map(|found| found.1);
        let follow = |pair: &&[(u32, f32)]| {
            let places = place(&pair[0]).zip(place(&pair[1]));
            places.is_some_and(|(first, second)| first + 1 == second)
        };
        let pairs = distinct.windows(2).filter(follow);
        pairs.map(|pair| 0.5 * (pair[0].1 + pair[1].1)).sum()
    }
}

struct Group<'w> {
    without: &'w Without<'w>,
    /// Unit rows, `[N, D]`.
    rows: Array2<f32>,
    /// Their common direction, `[D]`, and the likeness of each row to it, `[N]`.
    common: Array1<f32>,
    in_common: Array1<f32>,
    texts: Vec<Text>,
    frequencies: HashMap<u32, f32>,
    mean_length: f32,
}

impl Group<'_> {
    fn lacks(&self, part: Part) -> bool {
        self.without.part == part
    }

    /// The terms of a question with their weights.
    fn weigh(&self, query: &str) -> Vec<(u32, f32)> {
        let asked: Vec<u32> = match self.lacks(Part::AskingWords) {
            true => terms(query).collect(),
            false => asked_terms(query).map(|term| term.0).collect(),
        };
        let memories = self.texts.len() as f32;
        let at_large = match self.lacks(Part::AtLarge) {
            true => 0.0,
            false => AT_LARGE,
        };
        let weight = |term: u32| {
            let frequency = self.frequencies.get(&term).copied().unwrap_or(0.0);
            let rarity = (1.0 + (memories - frequency + 0.5) / (frequency + 0.5)).ln();
            rarity + at_large * rarity_at_large(term)
        };
        asked.into_iter().map(|term| (term, weight(term))).collect()
    }

    fn overlap(&self, text: &Text, terms: &[(u32, f32)]) -> Overlap {
        let (k1, b) = match self.lacks(Part::ShortTexts) {
            true => (1.2, 0.75),
            false => (K1, B),
        };
        let pressure = k1 * (1.0 - b + b * text.length as f32 / self.mean_length);
        let mut overlap = Overlap::default();
        for &(term, weight) in terms {
            if let Some((count, _)) = text.counts.get(&term) {
                overlap.bm25 += weight * (count * (k1 + 1.0) / (count + pressure));
                overlap.weight += weight;
            }
        }
        if !self.lacks(Part::Sequence) {
            overlap.sequence = text.sequence(terms);
        }
        overlap
    }

    fn words(&self, common: Overlap, weight: f32) -> f32 {
        let root = weight.sqrt();
        let both = words(common, weight, root);
        let bm25 = match weight > 0.0 {
            true => common.bm25 / (BM25_SCALE * root),
            false => 0.0,
        };
        match self.without.part {
            Part::Words => 0.0,
            Part::Coverage => bm25,
            Part::Root => both - bm25 + common.bm25 / (BM25_SCALE * USUAL_WEIGHT.sqrt()),
            _ => both,
        }
    }
}

impl GroupRanker for Group<'_> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        let row = self.without.dense.embed(&[query])?;
        let row = row.row(0);
        debug_assert_eq!(row.len(), DIMENSIONS);
        let cosines = self.rows.dot(&row);
        let q = row.dot(&self.common).max(0.0);
        let memories = self.texts.len() as f32;
        let removed = match self.lacks(Part::Common) {
            true => 0.0,
            false => COMMON_SHARE * memories / (memories + COMMON_HALF) * q,
        };
        let terms = self.weigh(query);
        let weight = terms.iter().map(|term| term.1).sum();
        let score = |(place, text): (usize, &Text)| {
            let length = match self.lacks(Part::Shortness) {
                true => u32::MAX,
                false => text.length,
            };
            let likeness = match self.lacks(Part::Meaning) {
                true => 0.0,
                false => meaning(cosines[place], removed, q, self.in_common[place], length),
            };
            let words = self.words(self.overlap(text, &terms), weight);
            evidence(likeness, words)
        };
        Ok(self.texts.iter().enumerate().map(score).collect())
    }
}

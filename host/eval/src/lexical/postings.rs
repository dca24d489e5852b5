//! Terms of documents: counts, document frequencies, and an inverted index.

use std::collections::{BTreeMap, HashMap};

/// Distinct terms of a text with their counts, in the order of the term.
pub(super) type TermCounts = BTreeMap<u64, f32>;

/// Counts the terms of one text.
pub(super) fn count(terms: &[u64]) -> TermCounts {
    let mut counts = TermCounts::new();
    for &term in terms {
        *counts.entry(term).or_insert(0.0) += 1.0;
    }
    counts
}

/// How many texts hold each term, of how many, and how long they are on average.
pub(super) struct Statistics {
    pub(super) texts: f32,
    pub(super) mean_length: f32,
    frequency: HashMap<u64, f32>,
}

impl Statistics {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a TermCounts>) -> Self {
        let mut frequency = HashMap::new();
        let (mut number, mut length) = (0.0_f32, 0.0_f64);
        for counts in texts {
            number += 1.0;
            length += f64::from(total(counts));
            for &term in counts.keys() {
                *frequency.entry(term).or_insert(0.0) += 1.0;
            }
        }
        Self {
            texts: number,
            mean_length: (length / f64::from(number.max(1.0))) as f32,
            frequency,
        }
    }

    /// The number of texts with that term.
    pub(super) fn frequency(&self, term: u64) -> f32 {
        self.frequency.get(&term).copied().unwrap_or(0.0)
    }
}

/// The number of terms, repeats included.
pub(super) fn total(counts: &TermCounts) -> f32 {
    counts.values().sum()
}

/// For each term the documents that hold it, with a weight.
pub(super) struct Postings {
    documents: usize,
    lists: HashMap<u64, Vec<(usize, f32)>>,
}

impl Postings {
    /// Inverts `documents`; `weights` gives each one's terms with their weights.
    pub(super) fn new<W: IntoIterator<Item = (u64, f32)>>(
        documents: &[TermCounts],
        weights: impl Fn(&TermCounts) -> W,
    ) -> Self {
        let mut lists = HashMap::<u64, Vec<(usize, f32)>>::new();
        for (index, counts) in documents.iter().enumerate() {
            for (term, weight) in weights(counts) {
                lists.entry(term).or_default().push((index, weight));
            }
        }
        Self {
            documents: documents.len(),
            lists,
        }
    }

    /// The sum over the query's terms of query weight times document weight, for each document `[N]`.
    pub(super) fn scores(&self, query: impl IntoIterator<Item = (u64, f32)>) -> Vec<f32> {
        let mut scores = vec![0.0; self.documents];
        for (term, query_weight) in query {
            for &(document, weight) in self.lists.get(&term).into_iter().flatten() {
                scores[document] += query_weight * weight;
            }
        }
        scores
    }
}

//! TF-IDF cosine: weight of a term = count x `ln(1 + N / (1 + n))`, score = cosine of the weights.

use super::plain_terms;
use super::postings::{Postings, Statistics, TermCounts, count};
use crate::rank::{GroupRanker, RankError, Ranker};

/// TF-IDF cosine over the terms that a closure finds. Frequencies come from the documents of the group;
/// on sets of pairs, from all their texts.
#[derive(Debug, Clone, Copy)]
pub struct TfIdf<F> {
    terms: F,
}

impl TfIdf<fn(&str) -> Vec<u64>> {
    /// TF-IDF cosine over [`plain_terms`].
    #[must_use]
    pub fn plain() -> Self {
        Self::new(plain_terms)
    }
}

impl<F: Fn(&str) -> Vec<u64> + Sync> TfIdf<F> {
    /// TF-IDF cosine over the terms of a text as `terms` finds them, repeats included.
    pub fn new(terms: F) -> Self {
        Self { terms }
    }

    fn count(&self, text: &str) -> TermCounts {
        count(&(self.terms)(text))
    }
}

/// Unit-length weights; none for a text without terms.
fn weights(counts: &TermCounts, statistics: &Statistics) -> TermCounts {
    let mut weights: TermCounts = counts
        .iter()
        .map(|(&term, &count)| {
            let rarity = (1.0 + statistics.texts / (1.0 + statistics.frequency(term))).ln();
            (term, count * rarity)
        })
        .collect();
    let norm = weights
        .values()
        .map(|weight| weight * weight)
        .sum::<f32>()
        .sqrt();
    for weight in weights.values_mut() {
        *weight /= norm;
    }
    weights
}

impl<F: Fn(&str) -> Vec<u64> + Sync> Ranker for TfIdf<F> {
    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        let counts: Vec<TermCounts> = documents.iter().map(|text| self.count(text)).collect();
        let statistics = Statistics::of(counts.iter());
        let postings = Postings::new(&counts, |counts| weights(counts, &statistics));
        Ok(Box::new(TfIdfGroup {
            tf_idf: self,
            statistics,
            postings,
        }))
    }

    fn pair_scores(&self, first: &[&str], second: &[&str]) -> Result<Option<Vec<f32>>, RankError> {
        let first: Vec<TermCounts> = first.iter().map(|text| self.count(text)).collect();
        let second: Vec<TermCounts> = second.iter().map(|text| self.count(text)).collect();
        let statistics = Statistics::of(first.iter().chain(&second));
        let scores = first
            .iter()
            .zip(&second)
            .map(|(left, right)| {
                let right = weights(right, &statistics);
                weights(left, &statistics)
                    .iter()
                    .filter_map(|(term, weight)| right.get(term).map(|other| weight * other))
                    .sum()
            })
            .collect();
        Ok(Some(scores))
    }
}

struct TfIdfGroup<'a, F> {
    tf_idf: &'a TfIdf<F>,
    statistics: Statistics,
    postings: Postings,
}

impl<F: Fn(&str) -> Vec<u64> + Sync> GroupRanker for TfIdfGroup<'_, F> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        let query = weights(&self.tf_idf.count(query), &self.statistics);
        Ok(self.postings.scores(query))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ranker, TfIdf};

    #[test]
    fn scores_are_cosines_of_weights() {
        let tf_idf = TfIdf::plain();
        let group = tf_idf.index(&["boiler valve", "boiler", "x", ""]).unwrap();
        let (boiler, valve) = ((1.0 + 4.0 / 3.0_f64).ln(), (1.0 + 4.0 / 2.0_f64).ln());
        let expected = boiler / (boiler * boiler + valve * valve).sqrt();
        let scores = group.scores("Boiler boiler").unwrap();
        for (score, expected) in scores.iter().zip([expected, 1.0, 0.0, 0.0]) {
            assert!(
                (f64::from(*score) - expected).abs() < 1e-6,
                "{score} {expected}"
            );
        }
    }

    #[test]
    fn pairs_without_a_common_term_score_zero() {
        let tf_idf = TfIdf::plain();
        let scores = tf_idf
            .pair_scores(&["a b", "c", ""], &["b a", "d", ""])
            .unwrap();
        let scores = scores.unwrap();
        assert!((scores[0] - 1.0).abs() < 1e-6);
        assert_eq!(scores[1..], [0.0, 0.0]);
    }
}

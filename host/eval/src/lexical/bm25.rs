//! BM25 (Robertson and others, TREC-3), with the idf that is never negative: `ln(1 + (N - n + 0.5) / (n + 0.5))`.

use super::plain_terms;
use super::postings::{Postings, Statistics, TermCounts, count, total};
use crate::rank::{GroupRanker, RankError, Ranker};

/// BM25 over the terms that a closure finds; a term that a query repeats counts as often.
///
/// On sets of pairs it takes all their texts as the collection and sums the scores of both directions.
#[derive(Debug, Clone, Copy)]
pub struct Bm25<F> {
    /// Saturation of term counts, 1.2 by default.
    pub k1: f32,
    /// Correction for length, 0 (none) to 1, 0.75 by default.
    pub b: f32,
    terms: F,
}

impl Bm25<fn(&str) -> Vec<u64>> {
    /// BM25 over [`plain_terms`], k1 1.2, b 0.75.
    #[must_use]
    pub fn plain() -> Self {
        Self::new(plain_terms)
    }
}

impl<F: Fn(&str) -> Vec<u64> + Sync> Bm25<F> {
    /// BM25 over the terms of a text as `terms` finds them (repeats included), k1 1.2, b 0.75.
    pub fn new(terms: F) -> Self {
        Self {
            k1: 1.2,
            b: 0.75,
            terms,
        }
    }

    fn count(&self, text: &str) -> TermCounts {
        count(&(self.terms)(text))
    }

    fn weights(&self, counts: &TermCounts, statistics: &Statistics) -> TermCounts {
        let length = total(counts) / statistics.mean_length.max(f32::MIN_POSITIVE);
        let norm = self.k1 * (1.0 - self.b + self.b * length);
        counts
            .iter()
            .map(|(&term, &count)| {
                let holding = statistics.frequency(term);
                let rarity = (1.0 + (statistics.texts - holding + 0.5) / (holding + 0.5)).ln();
                (term, rarity * count * (self.k1 + 1.0) / (count + norm))
            })
            .collect()
    }
}

impl<F: Fn(&str) -> Vec<u64> + Sync> Ranker for Bm25<F> {
    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        let counts: Vec<TermCounts> = documents.iter().map(|text| self.count(text)).collect();
        let statistics = Statistics::of(counts.iter());
        let postings = Postings::new(&counts, |counts| self.weights(counts, &statistics));
        Ok(Box::new(Bm25Group {
            bm25: self,
            postings,
        }))
    }

    fn pair_scores(&self, first: &[&str], second: &[&str]) -> Result<Option<Vec<f32>>, RankError> {
        let first: Vec<TermCounts> = first.iter().map(|text| self.count(text)).collect();
        let second: Vec<TermCounts> = second.iter().map(|text| self.count(text)).collect();
        let statistics = Statistics::of(first.iter().chain(&second));
        let directed = |query: &TermCounts, document: &TermCounts| -> f32 {
            let weights = self.weights(document, &statistics);
            query
                .iter()
                .filter_map(|(term, count)| weights.get(term).map(|weight| count * weight))
                .sum()
        };
        let scores = first
            .iter()
            .zip(&second)
            .map(|(left, right)| directed(left, right) + directed(right, left))
            .collect();
        Ok(Some(scores))
    }
}

struct Bm25Group<'a, F> {
    bm25: &'a Bm25<F>,
    postings: Postings,
}

impl<F: Fn(&str) -> Vec<u64> + Sync> GroupRanker for Bm25Group<'_, F> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        Ok(self.postings.scores(self.bm25.count(query)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bm25, Ranker};

    /// Worked by hand: N 3, mean length 2, "boiler" in 2, "valve" in 1.
    #[test]
    fn scores_follow_the_formula() {
        let bm25 = Bm25::plain();
        let group = bm25
            .index(&["boiler valve", "the boiler boiler", "x"])
            .unwrap();
        let scores = group.scores("Valve boiler boiler").unwrap();
        let boiler = (1.0 + 1.5 / 2.5_f64).ln();
        let valve = (1.0 + 2.5 / 1.5_f64).ln();
        let first = valve * 2.2 / 2.2 + 2.0 * boiler * 2.2 / 2.2;
        let second = 2.0 * boiler * 2.0 * 2.2 / (2.0 + 1.2 * (0.25 + 0.75 * 1.5));
        for (score, expected) in scores.iter().zip([first, second, 0.0]) {
            assert!(
                (f64::from(*score) - expected).abs() < 1e-6,
                "{score} {expected}"
            );
        }
    }

    #[test]
    fn empty_texts_score_zero() {
        let bm25 = Bm25::plain();
        assert_eq!(
            bm25.index(&["", "?"]).unwrap().scores("a").unwrap(),
            [0.0; 2]
        );
        assert_eq!(bm25.index(&["a"]).unwrap().scores("").unwrap(), [0.0]);
    }

    #[test]
    fn pairs_score_alike_in_both_directions() {
        let bm25 = Bm25::plain();
        let scores = bm25
            .pair_scores(&["a b c", "d", "a"], &["d", "a b c", "q"])
            .unwrap()
            .unwrap();
        assert_eq!(scores[0], scores[1]);
        let scores = bm25
            .pair_scores(&["a b", "c"], &["a z z", "c"])
            .unwrap()
            .unwrap();
        assert!(scores[1] > scores[0] && scores[0] > 0.0, "{scores:?}");
    }
}

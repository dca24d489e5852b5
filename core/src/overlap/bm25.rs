//! How much a memory's terms say about a question's: BM25.
//!
//! As in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009,
//! section 3, with the inverse document frequency `ln(1 + (N - n + 1/2) / (n + 1/2))`, which is never
//! negative. Document frequencies come from the memories that are searched; how rare a term is at
//! large is added, since a few memories do not tell.

use super::question::QueryTerm;
use super::signature::Terms;
use crate::text::common::rarity_at_large;

/// BM25's saturation of term counts. Memories are short, so a word that is said twice says little
/// more: Trotman, Puurula and Burgess, "Improvements to BM25 and language models examined", 2014,
/// take 0.9 and 0.4 for documents; the development sets prefer a little less of both.
pub const K1: f32 = 0.6;

/// BM25's normalisation by length.
pub const B: f32 = 0.3;

/// What rarity at large counts beside rarity among the memories.
pub const AT_LARGE: f32 = 0.3;

/// What BM25 knows of the memories that are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// N: memories.
    pub memories: u32,
    /// Sum of their lengths in terms.
    pub length: u64,
}

impl Statistics {
    /// Counts one memory and which of `terms` it contains.
    pub fn observe(&mut self, memory: Terms<'_>, terms: &mut [QueryTerm]) {
        self.memories += 1;
        self.length += u64::from(memory.length());
        for term in terms {
            term.frequency += u32::from(memory.count(term.hash) > 0);
        }
    }

    /// Mean length of a memory in terms, at least 1 so that it can divide.
    pub fn mean_length(&self) -> f32 {
        if self.length == 0 {
            return 1.0;
        }
        self.length as f32 / self.memories as f32
    }

    /// Gives each term its weight `count x (ln(1 + (N - n + 1/2) / (n + 1/2)) + 0.3 r)`, with `r` its
    /// [rarity at large](rarity_at_large).
    #[inline]
    pub fn weigh(&self, terms: &mut [QueryTerm]) {
        for term in terms {
            let without = self.memories.saturating_sub(term.frequency) as f32;
            let rarity = libm::logf(1.0 + (without + 0.5) / (term.frequency as f32 + 0.5));
            term.weight = term.count as f32 * (rarity + AT_LARGE * rarity_at_large(term.hash));
        }
    }
}

/// What a memory has of a question's weighed terms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    /// BM25, 0 without a common term.
    pub bm25: f32,
    /// The weight of the common terms, at most that of all.
    pub weight: f32,
    /// Of the terms that follow each other in question and memory alike, half the weight of both, summed; at most
    /// `weight`.
    pub sequence: f32,
}

/// Compares a memory with weighed terms in the order of their first occurrence; sums run in it.
pub fn overlap(memory: Terms<'_>, terms: &[QueryTerm], mean_length: f32) -> Overlap {
    let mut overlap = Overlap::default();
    let mut pressure = None;
    let mut before = None;
    for term in terms {
        let Some(place) = memory.place(term.hash) else {
            before = None;
            continue;
        };
        let pressure = *pressure
            .get_or_insert_with(|| K1 * (1.0 - B + B * memory.length() as f32 / mean_length));
        let count = f32::from(memory.counts[place]);
        overlap.bm25 += term.weight * (count * (K1 + 1.0) / (count + pressure));
        overlap.weight += term.weight;
        if let Some((last, weight)) = before
            && last + 1 == place
        {
            overlap.sequence += 0.5 * (weight + term.weight);
        }
        before = Some((place, term.weight));
    }
    overlap
}

#[cfg(test)]
mod tests {
    use super::super::{Signature, question_terms};
    use super::*;

    #[test]
    fn terms_that_follow_each_other_count_by_half_of_both() {
        let sequence = |memory: &str| {
            let mut asked = question_terms::<8>("old valve pump hose").unwrap();
            for (term, weight) in asked.iter_mut().zip([1.0, 2.0, 4.0, 8.0]) {
                term.weight = weight;
            }
            let memory = Signature::<8>::of(memory).unwrap();
            overlap(memory.as_terms(), &asked, 4.0).sequence
        };
        for (memory, expected) in [
            ("old valve pump hose", 1.5 + 3.0 + 6.0),
            ("the hose of an old valve", 1.5),
            ("valve and old pump hose", 6.0),
            ("old red valve, valve pump", 3.0),
            ("hose pump valve old", 0.0),
            ("hose", 0.0),
        ] {
            assert_eq!(sequence(memory), expected, "{memory}");
        }
    }

    #[test]
    fn bm25_is_the_formula() {
        let memories = ["red valve", "blue valve pump", "green hose"];
        let signatures = memories.map(|text| Signature::<8>::of(text).unwrap());
        let mut asked = question_terms::<8>("blue valve valve").unwrap();
        let mut statistics = Statistics::default();
        for signature in &signatures {
            statistics.observe(signature.as_terms(), &mut asked);
        }
        statistics.weigh(&mut asked);
        let mean = 7.0 / 3.0;
        assert!((statistics.mean_length() - mean).abs() < 1e-6);
        let rarity = |n: f32| (1.0 + (3.0 - n + 0.5) / (n + 0.5)).ln();
        let blue = rarity(1.0) + 0.3 * 1.8;
        let valve = rarity(2.0) + 0.3 * 5.3;
        let saturation = |length: f32| 1.6 / (1.0 + 0.6 * (0.7 + 0.3 * length / mean));
        let expected = [
            2.0 * valve * saturation(2.0),
            (blue + 2.0 * valve) * saturation(3.0),
            0.0,
        ];
        for (signature, expected) in signatures.iter().zip(expected) {
            let overlap = overlap(signature.as_terms(), &asked, statistics.mean_length());
            let (score, weight) = (overlap.bm25, overlap.weight);
            assert_eq!(weight > 0.0, expected > 0.0);
            assert!((score - expected).abs() < 1e-5, "{score} {expected}");
        }
    }
}

//! What a question learns of the memories that it searches before it scores them: how rare its words
//! are, and what all of them have in common.

use crate::embedding::{Cosine, DIMENSIONS, Embedding, Root};
use crate::overlap::{QueryTerm, Statistics};
use crate::query::QueryOptions;
use crate::score::{Question, half_evidence};
use crate::slot::SlotView;
use crate::when;

/// The share of the common direction that is taken out of a likeness, in a large bank.
pub const COMMON_SHARE: f32 = 0.85;

/// Memories at which half of [`COMMON_SHARE`] is taken out: a few do not tell what is common.
pub const COMMON_HALF: f32 = 12.0;

/// A pass over the memories that are searched. Sums of integers, so parts may be merged in any order.
#[derive(Clone, Debug)]
pub struct Survey {
    statistics: Statistics,
    /// Sum of the embeddings, `[D]`; stops at the bounds, which takes 16.9 million memories.
    sums: [i32; DIMENSIONS],
}

impl Survey {
    /// Nothing seen.
    pub const fn new() -> Self {
        Self {
            statistics: Statistics {
                memories: 0,
                length: 0,
            },
            sums: [0; DIMENSIONS],
        }
    }

    /// Counts one memory and which of `terms` it contains.
    pub fn observe(&mut self, slot: SlotView<'_>, terms: &mut [QueryTerm]) {
        self.statistics.observe(slot.terms, terms);
        // By eight, so that a small core spends its instructions on the sums.
        let components = slot.embedding.0.as_chunks::<8>().0;
        for (sums, components) in self.sums.as_chunks_mut::<8>().0.iter_mut().zip(components) {
            for (sum, &component) in sums.iter_mut().zip(components) {
                *sum = sum.saturating_add(i32::from(component));
            }
        }
    }

    /// Counts the memories that `other` has seen. The frequencies of terms are the caller's to add.
    pub fn merge(&mut self, other: &Self) {
        self.statistics.memories += other.statistics.memories;
        self.statistics.length += other.statistics.length;
        for (sum, &more) in self.sums.iter_mut().zip(&other.sums) {
            *sum = sum.saturating_add(more);
        }
    }

    /// Weighs the terms; the question can then be compared with the memories.
    #[inline]
    pub fn question<'q>(
        &self,
        text: &str,
        embedding: &'q Embedding,
        terms: &'q mut [QueryTerm],
        options: &QueryOptions,
    ) -> Question<'q> {
        self.statistics.weigh(terms);
        let root = Root::of(embedding.squared_norm());
        let common = Embedding::of_sums(&self.sums);
        let common_root = Root::of(common.squared_norm());
        let in_common = Cosine::of(embedding.dot(&common), root, common_root);
        let memories = self.statistics.memories as f32;
        let mean_length = self.statistics.mean_length();
        let unknown_name = terms.iter().any(|term| term.name && term.frequency == 0);
        let weight = terms.iter().fold(0.0, |sum, term| sum + term.weight);
        Question {
            embedding,
            root,
            common,
            common_root,
            in_common: in_common.to_f32().max(0.0),
            share: COMMON_SHARE * memories / (memories + COMMON_HALF),
            weight,
            weight_root: libm::sqrtf(weight),
            half: half_evidence(self.statistics.memories, mean_length, unknown_name),
            terms,
            mean_length,
            mode: options.mode,
            period: options.times.and_then(|now| when::period(text, now)),
            recency: options.recency,
            lifts: &[],
        }
    }
}

impl Default for Survey {
    fn default() -> Self {
        Self::new()
    }
}

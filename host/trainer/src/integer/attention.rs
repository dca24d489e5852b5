//! Attention in integers: core's weights and means over exact products in floats.

use crate::network::{AttentionWeights, Matrix, Strip, ranges};
use memt_core::encoder::ops::{self, Reciprocal};
use std::ops::Range;

/// Memory of attention.
#[derive(Clone, Debug, Default)]
pub(super) struct AttentionScratch {
    work: Vec<f32>,
    /// Scores, then the upper and the lower eight bits of the weights, `[L, L]`.
    scores: Vec<f32>,
    high: Vec<f32>,
    low: Vec<f32>,
    row: Vec<i32>,
    reciprocals: Vec<Reciprocal>,
    /// Sums of values weighted by both, `[T, D]`.
    high_sums: Matrix,
    low_sums: Matrix,
}

impl AttentionScratch {
    /// Writes the mixed values of every head to `mixed` `[T, D]`. Queries, keys and values lie side by
    /// side in `joint` `[T, 3 D]`. All are whole numbers.
    ///
    /// Floats hold sums of 24 bits: scores are below `127 x 127 x 512`, and a weight of 15 bits is
    /// taken in two parts, whose sums are below `255 x 127 x 512`.
    pub(super) fn attend(
        &mut self,
        joint: &Matrix,
        heads: usize,
        lengths: &[usize],
        kept: &mut AttentionWeights,
        mixed: &mut Matrix,
    ) {
        let width = joint.columns() / 3;
        let head_width = width / heads;
        let weights: usize = lengths.iter().map(|length| length * length).sum();
        kept.values.resize(weights * heads, 0.0);
        mixed.resize(joint.rows(), width);
        self.high_sums.resize(joint.rows(), width);
        self.low_sums.resize(joint.rows(), width);
        let mut rest = kept.values.as_mut_slice();
        for tokens in ranges(lengths) {
            let length = tokens.len();
            for head in 0..heads {
                let first = head * head_width;
                let part = |index: usize| {
                    let start = index * width + first;
                    Strip::of(joint, &tokens, start..start + head_width)
                };
                self.scores.resize(length * length, 0.0);
                part(0).products(part(1), 1.0, &mut self.work, &mut self.scores);
                let (shares, after) = rest.split_at_mut(length * length);
                rest = after;
                self.weigh(length, shares);
                let high = |token, other| self.high[token * length + other];
                part(2).combine(high, 1.0, first, &mut self.high_sums);
                let low = |token, other| self.low[token * length + other];
                part(2).combine(low, 1.0, first, &mut self.low_sums);
                self.divide(&tokens, first..first + head_width, mixed);
            }
        }
    }

    /// From the scores of a head to weights, and to `shares` of one.
    fn weigh(&mut self, length: usize, shares: &mut [f32]) {
        self.high.clear();
        self.low.clear();
        self.reciprocals.clear();
        let rows = self.scores.chunks_exact(length);
        for (scores, shares) in rows.zip(shares.chunks_exact_mut(length)) {
            self.row.clear();
            self.row.extend(scores.iter().map(|&score| score as i32));
            let total = ops::attention_weights(&mut self.row);
            self.reciprocals.push(Reciprocal::of(total));
            let inverse = 1.0 / total as f32;
            for (share, &weight) in shares.iter_mut().zip(&self.row) {
                *share = inverse * weight as f32;
            }
            self.high
                .extend(self.row.iter().map(|weight| (weight >> 8) as f32));
            self.low
                .extend(self.row.iter().map(|weight| (weight & 255) as f32));
        }
    }

    fn divide(&self, tokens: &Range<usize>, features: Range<usize>, mixed: &mut Matrix) {
        for (token, &reciprocal) in tokens.clone().zip(&self.reciprocals) {
            let high = &self.high_sums.row(token)[features.clone()];
            let low = &self.low_sums.row(token)[features.clone()];
            let mixed = &mut mixed.row_mut(token)[features.clone()];
            for (mixed, (&high, &low)) in mixed.iter_mut().zip(high.iter().zip(low)) {
                let sum = 256 * high as i32 + low as i32;
                *mixed = f32::from(ops::weighted_mean(sum, reciprocal));
            }
        }
    }
}

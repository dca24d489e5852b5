//! Scaled dot-product attention (Vaswani et al., "Attention Is All You Need", 2017, section 3.2.1)
//! of queries over the tokens of a window.

use super::{round_high_half, saturate8};
use crate::encoder::kernel::{inner_products, weighted_sums};

/// Most tokens that attend to each other: the sums of [`attend`] stay in 32 bits
/// (32767 x 127 x 512 < 2^31).
pub const LONGEST_ATTENTION: usize = 512;

/// Bits after the binary point of a score, which is a logarithm of base two: with fewer, weights
/// would be coarser than the bytes they mix; with more, the bytes of queries and keys could not
/// reach the scores of trained models (their products of one feature go up to 28).
pub const SCORE_BITS: u32 = 10;

/// Bits of the index into [`POWERS`].
const INDEX_BITS: u32 = 8;

/// `round(32767 x 2^-((i + 0.5) / 256))`: powers of two at the middle of each step.
static POWERS: [u16; 1 << INDEX_BITS] = powers();

const fn powers() -> [u16; 1 << INDEX_BITS] {
    // 2^(-1/512) and 2^(-1/256), to the precision of f64.
    const HALF_STEP: f64 = 0.998_647_112_890_970_1;
    const STEP: f64 = 0.997_296_056_085_470_1;
    let mut powers = [0; 1 << INDEX_BITS];
    let mut power = 32767.0 * HALF_STEP;
    let mut index = 0;
    while index < powers.len() {
        powers[index] = (power + 0.5) as u16;
        power *= STEP;
        index += 1;
    }
    powers
}

/// Replaces scores by weights and returns their sum: `w_i = 32767 x 2^((s_i - max s) / 1024)`,
/// rounded down, within 0.15 % of it and one step; at least one weight is above 32,000.
///
/// Scores lie within 2^30 of zero; at most [`LONGEST_ATTENTION`] of them.
pub fn attention_weights(scores: &mut [i32]) -> i32 {
    let largest = scores.iter().copied().max().unwrap_or(0);
    let mut total = 0;
    for score in scores {
        let below = largest.wrapping_sub(*score) as u32;
        let index = (below >> (SCORE_BITS - INDEX_BITS)) as usize % POWERS.len();
        let halvings = (below >> SCORE_BITS).min(u16::BITS - 1);
        *score = i32::from(POWERS[index] >> halvings);
        total += *score;
    }
    total
}

/// `round(sum / total)` of a weighted sum of bytes and the sum of its weights, saturated at 127;
/// within 0.5 + 2^-14 steps of the exact quotient. `total` is the result of [`attention_weights`].
#[inline]
pub fn weighted_mean(sum: i32, reciprocal: Reciprocal) -> i8 {
    saturate8(round_high_half(sum, reciprocal.0, RECIPROCAL_BITS - 32))
}

/// `2^45 / total`, rounded down; below 2^31 since a total is at least 32,000.
#[derive(Clone, Copy, Debug)]
pub struct Reciprocal(i32);

const RECIPROCAL_BITS: u32 = 45;

impl Reciprocal {
    /// Of a sum of weights.
    pub fn of(total: i32) -> Self {
        Self(((1u64 << RECIPROCAL_BITS) / total.max(32_000) as u64) as i32)
    }
}

/// One head of attention for two queries `[d]`: `scores` `[2, L]` is working memory, keys and values
/// begin `stride` numbers apart, outputs are `[d]` in the unit of the values.
pub fn attend(
    queries: [&[i8]; 2],
    keys: &[i8],
    values: &[i8],
    stride: usize,
    scores: &mut [i32],
    outputs: [&mut [i8]; 2],
) {
    let (first, second) = scores.split_at_mut(scores.len() / 2);
    score(queries, keys, stride, [&mut *first, &mut *second]);
    let reciprocals =
        [&mut *first, &mut *second].map(|scores| Reciprocal::of(attention_weights(scores)));
    let mut sums = [[0; 2]; FEATURES_A_TURN];
    let [outputs, others] = outputs.map(|output| output.chunks_mut(FEATURES_A_TURN));
    for (turn, (outputs, others)) in outputs.zip(others).enumerate() {
        let values = &values[turn * FEATURES_A_TURN..];
        let sums = &mut sums[..outputs.len()];
        weighted_sums([&*first, &*second], values, stride, sums);
        for ((output, other), sums) in outputs.iter_mut().zip(others).zip(sums) {
            *output = weighted_mean(sums[0], reciprocals[0]);
            *other = weighted_mean(sums[1], reciprocals[1]);
        }
    }
}

/// Features mixed at a time.
const FEATURES_A_TURN: usize = 32;

/// The inner products of both queries with each key.
fn score(queries: [&[i8]; 2], keys: &[i8], stride: usize, mut scores: [&mut [i32]; 2]) {
    let features = queries[0].len();
    let tokens = scores[0].len();
    for token in (0..tokens).step_by(2) {
        // A key without a partner is multiplied twice.
        let pair = [token, (token + 1).min(tokens - 1)];
        let keys = pair.map(|token| &keys[token * stride..][..features]);
        for (scores, products) in scores.iter_mut().zip(inner_products(queries, keys)) {
            for (token, product) in pair.into_iter().zip(products) {
                scores[token] = product;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn random(state: &mut u64) -> i8 {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((*state >> 56) as i8).max(-127)
    }

    #[test]
    fn weights_are_powers_of_two() {
        for distance in (0..70_000).chain([1 << 20, 1 << 30]) {
            let mut scores = [500, 500 - distance];
            let total = attention_weights(&mut scores);
            let exact = 32767.0 * libm::exp2(-f64::from(distance) / 1024.0);
            let error = (f64::from(scores[1]) - exact).abs();
            assert!(error <= 1.5e-3 * exact + 1.0, "{distance}: {error}");
            assert_eq!(total, scores[0] + scores[1]);
            assert!(scores[0] > 32_000);
        }
    }

    #[test]
    fn means_are_rounded_to_the_nearest() {
        for total in [32_000, 32_723, 100_001, 16_776_704] {
            for share in -127..=127 {
                for offset in [-9_999, -1, 0, 1, 9_999] {
                    let largest = 127 * i64::from(total);
                    let sum =
                        (i64::from(share) * i64::from(total) + offset).clamp(-largest, largest);
                    let mean = weighted_mean(sum as i32, Reciprocal::of(total));
                    let exact = sum as f64 / f64::from(total);
                    assert!((f64::from(mean) - exact).abs() <= 0.5 + 1e-4);
                }
            }
        }
    }

    /// Measured over these draws: at most 0.62 steps from softmax in `f64`.
    #[test]
    fn attention_lies_within_a_step_of_the_exact_one() {
        let mut state = 7;
        for length in [1, 2, 5, 32, 512] {
            let mut draw =
                |count: usize| -> Vec<i8> { (0..count).map(|_| random(&mut state)).collect() };
            let queries = [draw(32), draw(32)];
            let (keys, values) = (draw(length * 64), draw(length * 64));
            let (mut scores, mut outputs) = (std::vec![0; 2 * length], [[0; 32]; 2]);
            attend(
                queries.each_ref().map(|query| &query[..]),
                &keys,
                &values,
                64,
                &mut scores,
                outputs.each_mut().map(|output| &mut output[..]),
            );
            for (query, output) in queries.iter().zip(outputs) {
                let score = |token: usize| {
                    let products = query.iter().zip(&keys[token * 64..]);
                    products
                        .map(|(&q, &k)| f64::from(q) * f64::from(k))
                        .sum::<f64>()
                        / 1024.0
                };
                let largest = (0..length).map(score).fold(f64::MIN, f64::max);
                let weight = |token: usize| libm::exp2(score(token) - largest);
                let total: f64 = (0..length).map(weight).sum();
                for (feature, output) in output.into_iter().enumerate() {
                    let value = |token: usize| f64::from(values[token * 64 + feature]);
                    let exact = (0..length)
                        .map(|token| weight(token) * value(token))
                        .sum::<f64>()
                        / total;
                    assert!((f64::from(output) - exact).abs() <= 1.0);
                }
            }
        }
    }
}

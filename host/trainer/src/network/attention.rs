//! Scaled dot-product attention among the tokens of each text
//! (<https://arxiv.org/abs/1706.03762>), without masks: texts lie one after another, unpadded.

use std::ops::Range;

use super::matrix::Matrix;
use super::softmax::{softmax, softmax_backward};
use super::strip::Strip;
use serde::{Deserialize, Serialize};

/// Attention with `heads` heads; the maps into and out of it are [`super::linear::Linear`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attention {
    /// Number of heads; divides the features.
    pub(crate) heads: usize,
}

/// What the backward pass needs from the forward pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttentionWeights {
    /// For each text of L tokens and each head, `[L, L]`: whom a token (row) listens to.
    pub(crate) values: Vec<f32>,
    /// Gradient of one head of one text, kept for its allocation.
    grad: Vec<f32>,
    /// Memory of products.
    work: Vec<f32>,
}

impl Attention {
    /// Mixes values among the tokens of a text: `joint` is `[T, 3 D]` (queries, keys, values side
    /// by side), `output` is `[T, D]`. `lengths` are the tokens of each text and add up to T.
    pub(crate) fn forward(
        self,
        joint: &Matrix,
        lengths: &[usize],
        kept: &mut AttentionWeights,
        output: &mut Matrix,
    ) {
        let features = joint.columns() / 3;
        output.resize(joint.rows(), features);
        let weights: usize = lengths.iter().map(|length| length * length).sum();
        kept.values.resize(weights * self.heads, 0.0);
        let AttentionWeights { values, work, .. } = kept;
        let mut rest = values.as_mut_slice();
        let scale = self.scale(features);
        for tokens in ranges(lengths) {
            let length = tokens.len();
            for head in 0..self.heads {
                let (weights, after) = rest.split_at_mut(length * length);
                rest = after;
                let part = |index| Strip::of(joint, &tokens, self.columns(features, index, head));
                part(0).products(part(1), scale, work, weights);
                weights.chunks_exact_mut(length).for_each(|row| {
                    softmax(row);
                });
                let weight = |token, other| weights[token * length + other];
                let first = self.columns(features, 0, head).start;
                part(2).combine(weight, 1.0, first, output);
            }
        }
    }

    /// Writes `grad_joint` `[T, 3 D]` from `grad_output` `[T, D]`.
    pub(crate) fn backward(
        self,
        joint: &Matrix,
        lengths: &[usize],
        kept: &mut AttentionWeights,
        grad_output: &Matrix,
        grad_joint: &mut Matrix,
    ) {
        let features = joint.columns() / 3;
        grad_joint.resize(joint.rows(), joint.columns());
        let scale = self.scale(features);
        let AttentionWeights { values, grad, work } = kept;
        let mut rest = values.as_slice();
        for tokens in ranges(lengths) {
            let length = tokens.len();
            grad.resize(length * length, 0.0);
            for head in 0..self.heads {
                let (weights, after) = rest.split_at(length * length);
                rest = after;
                let columns = |index| self.columns(features, index, head);
                let part = |index| Strip::of(joint, &tokens, columns(index));
                let grad_mixed = Strip::of(grad_output, &tokens, columns(0));
                let heard = |token, listener| weights[listener * length + token];
                grad_mixed.combine(heard, 1.0, columns(2).start, grad_joint);
                grad_mixed.products(part(2), 1.0, work, grad);
                let rows = weights.chunks_exact(length);
                for (row, grad) in rows.zip(grad.chunks_exact_mut(length)) {
                    softmax_backward(row, grad);
                }
                let by_score = |token, other| grad[token * length + other];
                part(1).combine(by_score, scale, columns(0).start, grad_joint);
                let by_score = |token, other| grad[other * length + token];
                part(0).combine(by_score, scale, columns(1).start, grad_joint);
            }
        }
    }

    fn scale(self, features: usize) -> f32 {
        1.0 / ((features / self.heads) as f32).sqrt()
    }

    /// Columns of one head within queries (0), keys (1) or values (2).
    fn columns(self, features: usize, part: usize, head: usize) -> Range<usize> {
        let width = features / self.heads;
        let start = part * features + head * width;
        start..start + width
    }
}

/// The tokens of every text that has some.
pub(crate) fn ranges(lengths: &[usize]) -> impl Iterator<Item = Range<usize>> + '_ {
    let texts = lengths.iter().scan(0, |end, length| {
        let start = *end;
        *end += length;
        Some(start..*end)
    });
    texts.filter(|tokens| !tokens.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    const LENGTHS: [usize; 3] = [3, 1, 2];

    fn forward(joint: &Matrix) -> Matrix {
        let (mut kept, mut output) = Default::default();
        Attention { heads: 2 }.forward(joint, &LENGTHS, &mut kept, &mut output);
        output
    }

    #[test]
    fn a_lone_token_keeps_its_value() {
        let joint = noise(1, 6, 12);
        assert_eq!(forward(&joint).row(3), &joint.row(3)[8..]);
    }

    #[test]
    fn texts_do_not_see_each_other() {
        let mut joint = noise(1, 6, 12);
        let before = forward(&joint);
        joint.row_mut(5).fill(0.5);
        let after = forward(&joint);
        assert_eq!(before.values()[..16], after.values()[..16]);
        assert_ne!(before.row(4), after.row(4));
    }

    #[test]
    fn gradients_match_differences() {
        let joint = noise(1, 6, 12);
        let grad_output = noise(2, 6, 4);
        let attention = Attention { heads: 2 };
        let (mut kept, mut output) = Default::default();
        attention.forward(&joint, &LENGTHS, &mut kept, &mut output);
        let mut grad = Matrix::default();
        attention.backward(&joint, &LENGTHS, &mut kept, &grad_output, &mut grad);
        assert_gradient(joint.values(), grad.values(), |values| {
            weighted_sum(
                &forward(&Matrix::from_values(6, 12, values.to_vec())),
                &grad_output,
            )
        });
    }
}

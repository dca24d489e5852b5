//! Scaled dot-product attention among the tokens of each text
//! (<https://arxiv.org/abs/1706.03762>), without masks: texts lie one after another, unpadded.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2, linalg::general_mat_mul};

use super::matrix::{Matrix, block, view, view_mut};
use super::softmax::{softmax, softmax_backward};
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
        let mut rest = kept.values.as_mut_slice();
        let joint = joint.view();
        for tokens in ranges(lengths) {
            let length = tokens.len();
            for head in 0..self.heads {
                let (weights, after) = rest.split_at_mut(length * length);
                rest = after;
                let part =
                    |index| block(joint, tokens.clone(), self.columns(features, index, head));
                let mut scores = view_mut(length, length, weights);
                general_mat_mul(
                    self.scale(features),
                    &part(0),
                    &part(1).t(),
                    0.0,
                    &mut scores,
                );
                weights.chunks_exact_mut(length).for_each(|row| {
                    softmax(row);
                });
                let columns = self.columns(features, 0, head);
                let mut mixed = block(output.view_mut(), tokens.clone(), columns);
                general_mat_mul(
                    1.0,
                    &view(length, length, weights),
                    &part(2),
                    0.0,
                    &mut mixed,
                );
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
        let mut rest = kept.values.as_slice();
        let joint = joint.view();
        for tokens in ranges(lengths) {
            let length = tokens.len();
            kept.grad.resize(length * length, 0.0);
            for head in 0..self.heads {
                let (weights, after) = rest.split_at(length * length);
                rest = after;
                let columns = |index| self.columns(features, index, head);
                let part = |index| block(joint, tokens.clone(), columns(index));
                let grad_mixed = block(grad_output.view(), tokens.clone(), columns(0)).to_owned();
                let mut put =
                    |index, factor, left: ArrayView2<'_, f32>, right: ArrayView2<'_, f32>| {
                        let mut target: ArrayViewMut2<'_, f32> =
                            block(grad_joint.view_mut(), tokens.clone(), columns(index));
                        general_mat_mul(factor, &left, &right, 0.0, &mut target);
                    };
                let square = view(length, length, weights);
                put(2, 1.0, square.t(), grad_mixed.view());
                let mut grad = view_mut(length, length, &mut kept.grad);
                general_mat_mul(1.0, &grad_mixed, &part(2).t(), 0.0, &mut grad);
                let rows = weights.chunks_exact(length);
                for (row, grad) in rows.zip(kept.grad.chunks_exact_mut(length)) {
                    softmax_backward(row, grad);
                }
                let grad = view(length, length, &kept.grad);
                put(0, scale, grad, part(1));
                put(1, scale, grad.reversed_axes(), part(0));
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
    use super::super::gradient_check::{assert_gradient, noise, weighted_sum};
    use super::*;

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

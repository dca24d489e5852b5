//! The bag: the weighted sum of a text's table rows, through one linear map.

use crate::encoder::{Encoder, Sentences};
use crate::linear::Linear;
use crate::matrix::Matrix;
use crate::tensors::Tensors;

/// The projection of a bag encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct Bag {
    /// From row features E to embedding features D.
    pub projection: Linear,
}

/// What a bag keeps between its passes.
#[derive(Debug, Clone, Default)]
pub struct BagActivations {
    /// Weighted sums of rows, `[N, E]`.
    sums: Matrix,
    /// Gradient by `sums`, `[N, E]`.
    grad_sums: Matrix,
}

impl Encoder for Bag {
    type Activations = BagActivations;

    fn forward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut BagActivations,
        pooled: &mut Matrix,
    ) {
        kept.sums.resize(sentences.lengths.len(), rows.columns());
        let mut tokens = 0..0;
        for (text, length) in sentences.lengths.iter().enumerate() {
            tokens = tokens.end..tokens.end + length;
            let sum = kept.sums.row_mut(text);
            sum.fill(0.0);
            for token in tokens.clone() {
                let weight = sentences.weights[token];
                for (sum, value) in sum.iter_mut().zip(rows.row(token)) {
                    *sum += weight * value;
                }
            }
        }
        self.projection.forward(&kept.sums, pooled);
    }

    fn backward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut BagActivations,
        grad_pooled: &Matrix,
        gradient: &mut Self,
        grad_rows: &mut Matrix,
    ) {
        let BagActivations { sums, grad_sums } = kept;
        self.projection
            .backward(sums, grad_pooled, &mut gradient.projection, grad_sums);
        grad_rows.resize(rows.rows(), rows.columns());
        let mut tokens = 0..0;
        for (text, length) in sentences.lengths.iter().enumerate() {
            tokens = tokens.end..tokens.end + length;
            for token in tokens.clone() {
                let weight = sentences.weights[token];
                let grads = grad_rows.row_mut(token).iter_mut();
                for (grad, value) in grads.zip(grad_sums.row(text)) {
                    *grad = weight * value;
                }
            }
        }
    }
}

impl Tensors for Bag {
    fn tensors(&self) -> Vec<&[f32]> {
        self.projection.tensors()
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        self.projection.tensors_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::check::assert_gradients;

    #[test]
    fn gradients_match_differences() {
        assert_gradients(
            Bag {
                projection: Linear::zeros(5, 4),
            },
            5,
        );
    }
}

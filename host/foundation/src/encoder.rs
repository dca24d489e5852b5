//! What a training step asks of an encoder's body.

use crate::matrix::Matrix;
use crate::tensors::Tensors;

/// Texts as table rows, one text after another, unpadded. T tokens in N texts.
#[derive(Debug, Clone, Copy)]
pub struct Sentences<'a> {
    /// Table row of each token, `[T]`.
    pub tokens: &'a [u32],
    /// Weight of each token within its text, `[T]`.
    pub weights: &'a [f32],
    /// Tokens of each text, `[N]`; each at least 1.
    pub lengths: &'a [usize],
}

/// The body of an encoder: everything trainable but the table, whose gradient is sparse. The type
/// of a body is also the type of its gradient.
pub trait Encoder: Tensors + Clone + Send + Sync {
    /// What the backward pass needs from the forward pass, and the memory both work in.
    type Activations: Default + Send;

    /// Writes the embedding of each text to `pooled` `[N, D]`; `rows` `[T, E]` are the table rows
    /// of the tokens.
    fn forward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut Self::Activations,
        pooled: &mut Matrix,
    );

    /// Adds to `gradient` what `grad_pooled` `[N, D]` means for the body, and writes the gradient
    /// by `rows` to `grad_rows` `[T, E]`.
    fn backward(
        &self,
        sentences: Sentences<'_>,
        rows: &Matrix,
        kept: &mut Self::Activations,
        grad_pooled: &Matrix,
        gradient: &mut Self,
        grad_rows: &mut Matrix,
    );
}

#[cfg(test)]
pub(crate) mod check {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    const SENTENCES: Sentences<'_> = Sentences {
        tokens: &[0; 6],
        weights: &[0.5, 0.2, 0.3, 1.0, 0.9, 0.1],
        lengths: &[3, 1, 2],
    };

    fn forward<E: Encoder>(body: &E, rows: &Matrix) -> (E::Activations, Matrix) {
        let (mut kept, mut pooled) = Default::default();
        body.forward(SENTENCES, rows, &mut kept, &mut pooled);
        (kept, pooled)
    }

    /// Holds the backward pass of `body` against differences, tensor by tensor.
    pub(crate) fn assert_gradients<E: Encoder>(mut body: E, row_features: usize) {
        for (seed, tensor) in (10..).zip(body.tensors_mut()) {
            let values = noise(seed, 1, tensor.len());
            for (value, noise) in tensor.iter_mut().zip(values.values()) {
                *value += 0.7 * noise;
            }
        }
        let rows = noise(1, 6, row_features);
        let (mut kept, pooled) = forward(&body, &rows);
        let grad_pooled = noise(2, 3, pooled.columns());
        let mut gradient = body.clone();
        gradient.clear();
        let mut grad_rows = Matrix::default();
        body.backward(
            SENTENCES,
            &rows,
            &mut kept,
            &grad_pooled,
            &mut gradient,
            &mut grad_rows,
        );

        let loss = |body: &E, rows: &Matrix| weighted_sum(&forward(body, rows).1, &grad_pooled);
        assert_gradient(rows.values(), grad_rows.values(), |values| {
            loss(
                &body,
                &Matrix::from_values(6, row_features, values.to_vec()),
            )
        });
        for (index, slopes) in gradient.tensors().into_iter().enumerate() {
            assert_gradient(body.tensors()[index], slopes, |values| {
                let mut moved = body.clone();
                moved.tensors_mut()[index].copy_from_slice(values);
                loss(&moved, &rows)
            });
        }
    }
}

//! Rows scaled to length one.

use rayon::prelude::*;

use crate::matrix::Matrix;
use crate::reduction::dot;

/// Rows shorter than this are divided by it instead of their length.
const SHORTEST: f32 = 1e-12;

/// Rows of length one, with what their backward pass needs.
#[derive(Debug, Clone, Default)]
pub struct UnitRows {
    /// `[N, D]`.
    pub values: Matrix,
    /// One over the length of each row before, `[N]`.
    inverse_length: Vec<f32>,
}

impl UnitRows {
    /// Scales every row of `input` `[N, D]`.
    pub fn forward(&mut self, input: &Matrix) {
        let features = input.columns();
        self.values.resize(input.rows(), features);
        self.inverse_length.resize(input.rows(), 0.0);
        let rows = self.values.values_mut().par_chunks_exact_mut(features);
        let inputs = input.values().par_chunks_exact(features);
        let pairs = rows.zip(&mut self.inverse_length).zip(inputs);
        pairs.for_each(|((row, inverse), input)| {
            *inverse = 1.0 / dot(input, input).sqrt().max(SHORTEST);
            for (unit, value) in row.iter_mut().zip(input) {
                *unit = value * *inverse;
            }
        });
    }

    /// Turns `grad` `[N, D]` from the gradient by the unit rows into the gradient by the input.
    pub fn backward(&self, grad: &mut Matrix) {
        let features = grad.columns();
        let grads = grad.values_mut().par_chunks_exact_mut(features);
        let rows = self.values.values().par_chunks_exact(features);
        grads
            .zip(rows)
            .zip(&self.inverse_length)
            .for_each(|((grad, unit), inverse)| {
                let along = dot(grad, unit);
                for (grad, unit) in grad.iter_mut().zip(unit) {
                    *grad = inverse * (*grad - along * unit);
                }
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    #[test]
    fn gradients_match_differences() {
        let input = noise(1, 3, 9);
        let grad_output = noise(2, 3, 9);
        let mut unit = UnitRows::default();
        unit.forward(&input);
        assert!((dot(unit.values.row(1), unit.values.row(1)) - 1.0).abs() < 1e-6);
        let mut grad = grad_output.clone();
        unit.backward(&mut grad);
        assert_gradient(input.values(), grad.values(), |values| {
            let mut unit = UnitRows::default();
            unit.forward(&Matrix::from_values(3, 9, values.to_vec()));
            weighted_sum(&unit.values, &grad_output)
        });
    }
}

//! Layer normalisation (<https://arxiv.org/abs/1607.06450>) without gain and offset, which the map
//! behind it takes over.

use super::matrix::Matrix;
use super::reduction::{dot, sum};

/// A variance below this counts as zero, and its row becomes zeros.
const SMALLEST_VARIANCE: f32 = 1e-30;

/// `(x - mean) / deviation` of every row, with what the way back needs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Normalised {
    /// `[T, D]`
    pub(crate) values: Matrix,
    /// `1 / deviation`, `[T]`; 0 for a row of equal numbers.
    pub(crate) inverse_deviation: Vec<f32>,
}

impl Normalised {
    /// Normalises the rows of `input` `[T, D]`.
    pub(crate) fn forward(&mut self, input: &Matrix) {
        let features = input.columns();
        self.values.resize(input.rows(), features);
        self.inverse_deviation.resize(input.rows(), 0.0);
        for (row, inverse) in self.inverse_deviation.iter_mut().enumerate() {
            let input = input.row(row);
            let normalised = self.values.row_mut(row);
            let mean = sum(input) / features as f32;
            for (centred, value) in normalised.iter_mut().zip(input) {
                *centred = value - mean;
            }
            let variance = dot(normalised, normalised) / features as f32;
            *inverse = if variance > SMALLEST_VARIANCE {
                1.0 / variance.sqrt()
            } else {
                0.0
            };
            for value in &mut *normalised {
                *value *= *inverse;
            }
        }
    }

    /// Adds the gradient by the input to `grad_input` `[T, D]`, given that by the values.
    pub(crate) fn backward(&self, grad_output: &Matrix, grad_input: &mut Matrix) {
        let count = self.values.columns() as f32;
        for (row, inverse) in self.inverse_deviation.iter().enumerate() {
            let normalised = self.values.row(row);
            let grad = grad_output.row(row);
            let mean = sum(grad) / count;
            let mean_along = dot(grad, normalised) / count;
            let terms = grad.iter().zip(normalised);
            for (sum, (grad, value)) in grad_input.row_mut(row).iter_mut().zip(terms) {
                *sum += inverse * (grad - mean - value * mean_along);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    fn forward(input: &Matrix) -> Normalised {
        let mut normalised = Normalised::default();
        normalised.forward(input);
        normalised
    }

    #[test]
    fn rows_have_mean_zero_and_variance_one() {
        let normalised = forward(&noise(3, 3, 64));
        for row in 0..3 {
            let row = normalised.values.row(row);
            let mean = sum(row) / 64.0;
            let variance = dot(row, row) / 64.0;
            assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn equal_numbers_become_zeros_and_move_nothing() {
        let normalised = forward(&Matrix::from_values(1, 4, vec![3.0; 4]));
        assert_eq!(normalised.values.values(), [0.0; 4]);
        let mut grad = Matrix::zeros(1, 4);
        normalised.backward(&noise(1, 1, 4), &mut grad);
        assert_eq!(grad.values(), [0.0; 4]);
    }

    #[test]
    fn gradients_match_differences() {
        let input = noise(3, 4, 16);
        let grad_output = noise(4, 4, 16);
        let mut grad_input = Matrix::zeros(4, 16);
        forward(&input).backward(&grad_output, &mut grad_input);
        assert_gradient(input.values(), grad_input.values(), |values| {
            let moved = forward(&Matrix::from_values(4, 16, values.to_vec()));
            weighted_sum(&moved.values, &grad_output)
        });
    }
}

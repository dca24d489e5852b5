//! Layer normalisation over the features of a token (<https://arxiv.org/abs/1607.06450>).

use crate::matrix::Matrix;
use crate::reduction::{dot, sum};
use crate::tensors::Tensors;

/// Added to the variance, as in PyTorch.
const EPSILON: f32 = 1e-5;

/// Gain and offset of a layer norm; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerNorm {
    /// `[D]`.
    pub gain: Vec<f32>,
    /// `[D]`.
    pub offset: Vec<f32>,
}

/// What the backward pass needs from the forward pass.
#[derive(Debug, Clone, Default)]
pub struct Normalized {
    /// `(x - mean) / deviation`, `[T, D]`.
    values: Matrix,
    /// `1 / deviation`, `[T]`.
    inverse_deviation: Vec<f32>,
}

impl LayerNorm {
    /// Gain one and offset zero over `features`.
    pub fn identity(features: usize) -> Self {
        Self {
            gain: vec![1.0; features],
            offset: vec![0.0; features],
        }
    }

    /// A gradient of zeros over `features`.
    pub fn zeros(features: usize) -> Self {
        Self {
            gain: vec![0.0; features],
            offset: vec![0.0; features],
        }
    }

    /// `output = gain * (input - mean) / deviation + offset`, row by row: `[T, D] -> [T, D]`.
    pub fn forward(&self, input: &Matrix, kept: &mut Normalized, output: &mut Matrix) {
        let features = self.gain.len();
        output.resize(input.rows(), features);
        kept.values.resize(input.rows(), features);
        kept.inverse_deviation.resize(input.rows(), 0.0);
        for (row, inverse) in kept.inverse_deviation.iter_mut().enumerate() {
            let input = input.row(row);
            let normalized = kept.values.row_mut(row);
            let mean = sum(input) / features as f32;
            for (centred, value) in normalized.iter_mut().zip(input) {
                *centred = value - mean;
            }
            *inverse = 1.0 / (dot(normalized, normalized) / features as f32 + EPSILON).sqrt();
            for value in &mut *normalized {
                *value *= *inverse;
            }
            let affine = self.gain.iter().zip(&self.offset);
            let pairs = output.row_mut(row).iter_mut().zip(&*normalized).zip(affine);
            for ((output, value), (gain, offset)) in pairs {
                *output = gain * value + offset;
            }
        }
    }

    /// Adds to `gradient` what `grad_output` `[T, D]` means for gain and offset, and adds the
    /// gradient by the input to `grad_input` `[T, D]` (a residual path already holds its share).
    pub fn backward(
        &self,
        kept: &Normalized,
        grad_output: &Matrix,
        gradient: &mut Self,
        grad_input: &mut Matrix,
    ) {
        let count = self.gain.len() as f32;
        let mut scaled = vec![0.0; self.gain.len()];
        for (row, inverse) in kept.inverse_deviation.iter().enumerate() {
            let normalized = kept.values.row(row);
            let grad = grad_output.row(row);
            let sums = gradient.gain.iter_mut().zip(&mut gradient.offset);
            for ((grad, value), (gain, offset)) in grad.iter().zip(normalized).zip(sums) {
                *gain += grad * value;
                *offset += grad;
            }
            for (scaled, (grad, gain)) in scaled.iter_mut().zip(grad.iter().zip(&self.gain)) {
                *scaled = grad * gain;
            }
            let mean = sum(&scaled) / count;
            let mean_along = dot(&scaled, normalized) / count;
            let terms = scaled.iter().zip(normalized);
            for (sum, (grad, value)) in grad_input.row_mut(row).iter_mut().zip(terms) {
                *sum += inverse * (grad - mean - value * mean_along);
            }
        }
    }
}

impl Tensors for LayerNorm {
    fn tensors(&self) -> Vec<&[f32]> {
        vec![&self.gain, &self.offset]
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        vec![&mut self.gain, &mut self.offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    fn layer() -> LayerNorm {
        LayerNorm {
            gain: noise(1, 1, 16).values().to_vec(),
            offset: noise(2, 1, 16).values().to_vec(),
        }
    }

    #[test]
    fn rows_have_mean_zero_and_variance_one() {
        let (mut kept, mut output) = Default::default();
        LayerNorm::identity(64).forward(&noise(3, 3, 64), &mut kept, &mut output);
        for row in 0..3 {
            let mean = output.row(row).iter().sum::<f32>() / 64.0;
            let variance = output
                .row(row)
                .iter()
                .map(|value| value * value)
                .sum::<f32>()
                / 64.0;
            assert!(mean.abs() < 1e-6 && (variance - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn gradients_match_differences() {
        let layer = layer();
        let input = noise(3, 4, 16);
        let grad_output = noise(4, 4, 16);
        let loss = |layer: &LayerNorm, input: &Matrix| {
            let (mut kept, mut output) = Default::default();
            layer.forward(input, &mut kept, &mut output);
            weighted_sum(&output, &grad_output)
        };
        let (mut kept, mut output) = Default::default();
        layer.forward(&input, &mut kept, &mut output);
        let mut gradient = LayerNorm::zeros(16);
        let mut grad_input = Matrix::zeros(4, 16);
        layer.backward(&kept, &grad_output, &mut gradient, &mut grad_input);

        assert_gradient(input.values(), grad_input.values(), |values| {
            loss(&layer, &Matrix::from_values(4, 16, values.to_vec()))
        });
        assert_gradient(&layer.gain, &gradient.gain, |values| {
            let mut moved = layer.clone();
            moved.gain = values.to_vec();
            loss(&moved, &input)
        });
        assert_gradient(&layer.offset, &gradient.offset, |values| {
            let mut moved = layer.clone();
            moved.offset = values.to_vec();
            loss(&moved, &input)
        });
    }
}

//! Affine map: `y = W x + b`.

use super::matrix::{Matrix, multiply, multiply_add};
use super::tensors::{Shape, Tensors};
use serde::{Deserialize, Serialize};

/// Weights of an affine map from I to O features; also the type of their gradient.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Linear {
    /// `[O, I]`
    pub(crate) weight: Matrix,
    /// `[O]`
    pub(crate) bias: Vec<f32>,
}

impl Linear {
    /// A map of zeros from `inputs` to `outputs` features.
    pub(crate) fn zeros(inputs: usize, outputs: usize) -> Self {
        Self {
            weight: Matrix::zeros(outputs, inputs),
            bias: vec![0.0; outputs],
        }
    }

    /// The map without bias whose matrix is `rows` `[O, I]`, flat.
    pub(crate) fn of_rows(inputs: usize, rows: &[f32]) -> Self {
        let mut linear = Self::zeros(inputs, rows.len() / inputs);
        linear.weight.values_mut().copy_from_slice(rows);
        linear
    }

    /// The shapes of weight and bias; the weight may be several `matrices`, one below the other.
    pub(super) fn shapes(&self, matrices: usize) -> [Option<Shape>; 2] {
        let weight = Shape {
            matrices,
            rows: self.weight.rows() / matrices,
            columns: self.weight.columns(),
        };
        [Some(weight), None]
    }

    /// `output = W input + b` for every token: `[T, I] -> [T, O]`.
    pub(crate) fn forward(&self, input: &Matrix, output: &mut Matrix) {
        output.resize(input.rows(), self.bias.len());
        for row in output.values_mut().chunks_exact_mut(self.bias.len()) {
            row.copy_from_slice(&self.bias);
        }
        multiply_add(input.view(), self.weight.view().t(), output);
    }

    /// Adds `W input + b` to `output`.
    pub(crate) fn add_forward(&self, input: &Matrix, output: &mut Matrix) {
        for row in output.values_mut().chunks_exact_mut(self.bias.len()) {
            for (value, bias) in row.iter_mut().zip(&self.bias) {
                *value += bias;
            }
        }
        multiply_add(input.view(), self.weight.view().t(), output);
    }

    /// Adds to `gradient` what `grad_output` `[T, O]` means for weights and bias.
    pub(crate) fn backward_weights(
        &self,
        input: &Matrix,
        grad_output: &Matrix,
        gradient: &mut Self,
    ) {
        multiply_add(grad_output.view().t(), input.view(), &mut gradient.weight);
        for row in grad_output.values().chunks_exact(self.bias.len()) {
            for (sum, value) in gradient.bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
    }

    /// [`Linear::backward_weights`], and writes the gradient by the input, `[T, I]`.
    pub(crate) fn backward(
        &self,
        input: &Matrix,
        grad_output: &Matrix,
        gradient: &mut Self,
        grad_input: &mut Matrix,
    ) {
        self.backward_weights(input, grad_output, gradient);
        multiply(grad_output.view(), self.weight.view(), grad_input);
    }
}

impl Tensors for Linear {
    fn tensors(&self) -> Vec<&[f32]> {
        vec![self.weight.values(), &self.bias]
    }

    fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        vec![self.weight.values_mut(), &mut self.bias]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    #[test]
    fn gradients_match_differences() {
        let mut layer = Linear::zeros(5, 3);
        layer.weight = noise(1, 3, 5);
        layer.bias = noise(2, 1, 3).values().to_vec();
        let input = noise(3, 4, 5);
        let grad_output = noise(4, 4, 3);
        let mut gradient = Linear::zeros(5, 3);
        let mut grad_input = Matrix::default();
        layer.backward(&input, &grad_output, &mut gradient, &mut grad_input);

        let loss = |layer: &Linear, input: &Matrix| {
            let mut output = Matrix::default();
            layer.forward(input, &mut output);
            weighted_sum(&output, &grad_output)
        };
        assert_gradient(input.values(), grad_input.values(), |values| {
            loss(&layer, &Matrix::from_values(4, 5, values.to_vec()))
        });
        assert_gradient(layer.weight.values(), gradient.weight.values(), |values| {
            let mut moved = layer.clone();
            moved.weight = Matrix::from_values(3, 5, values.to_vec());
            loss(&moved, &input)
        });
        assert_gradient(&layer.bias, &gradient.bias, |values| {
            let mut moved = layer.clone();
            moved.bias = values.to_vec();
            loss(&moved, &input)
        });
    }

    #[test]
    fn adding_is_the_map_on_top() {
        let mut layer = Linear::zeros(2, 1);
        layer.weight = Matrix::from_values(1, 2, vec![2.0, 3.0]);
        layer.bias[0] = 0.5;
        let mut output = Matrix::from_values(1, 1, vec![10.0]);
        layer.add_forward(&Matrix::from_values(1, 2, vec![1.0, 2.0]), &mut output);
        assert_eq!(output.values(), [18.5]);
    }
}

//! Affine map: `y = x · W + b`.

use crate::matrix::{Matrix, multiply, multiply_add};
use crate::tensors::Tensors;

/// Weights of an affine map from `I` to `O` features; also the type of their gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// `[I, O]`.
    pub weight: Matrix,
    /// `[O]`.
    pub bias: Vec<f32>,
}

impl Linear {
    /// A map of zeros from `inputs` to `outputs` features.
    pub fn zeros(inputs: usize, outputs: usize) -> Self {
        Self {
            weight: Matrix::zeros(inputs, outputs),
            bias: vec![0.0; outputs],
        }
    }

    /// `output = input · W + b`: `[T, I] -> [T, O]`.
    pub fn forward(&self, input: &Matrix, output: &mut Matrix) {
        output.resize(input.rows(), self.bias.len());
        for row in output.values_mut().chunks_exact_mut(self.bias.len()) {
            row.copy_from_slice(&self.bias);
        }
        multiply_add(input.view(), self.weight.view(), output);
    }

    /// Adds to `gradient` what `grad_output` `[T, O]` means for weights and bias, and writes
    /// `grad_input` `[T, I]`.
    pub fn backward(
        &self,
        input: &Matrix,
        grad_output: &Matrix,
        gradient: &mut Self,
        grad_input: &mut Matrix,
    ) {
        multiply_add(input.view().t(), grad_output.view(), &mut gradient.weight);
        for row in grad_output.values().chunks_exact(self.bias.len()) {
            for (sum, value) in gradient.bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
        multiply(grad_output.view(), self.weight.view().t(), grad_input);
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
        layer.weight = noise(1, 5, 3);
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
            moved.weight = Matrix::from_values(5, 3, values.to_vec());
            loss(&moved, &input)
        });
        assert_gradient(&layer.bias, &gradient.bias, |values| {
            let mut moved = layer.clone();
            moved.bias = values.to_vec();
            loss(&moved, &input)
        });
    }
}

//! Pointwise activations: GELU (tanh form, <https://arxiv.org/abs/1606.08415>) and ReLU.

use crate::exponential::exponential;
use crate::matrix::Matrix;

/// `2 sqrt(2 / pi)`: the tanh form is `x * sigmoid(SCALE * (x + CUBIC * x^3))`.
const SCALE: f32 = 1.595_769;
const CUBIC: f32 = 0.044_715;

/// A pointwise activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Gaussian error linear unit, tanh form.
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// `output = activation(input)`, both `[T, F]`.
    pub fn forward(self, input: &Matrix, output: &mut Matrix) {
        output.resize(input.rows(), input.columns());
        let pairs = output.values_mut().iter_mut().zip(input.values());
        match self {
            Self::Gelu => pairs.for_each(|(output, &x)| *output = x * gate(x)),
            Self::Relu => pairs.for_each(|(output, &x)| *output = x.max(0.0)),
        }
    }

    /// Turns `grad` `[T, F]` from the gradient by the output into the gradient by the `input`.
    pub fn backward(self, input: &Matrix, grad: &mut Matrix) {
        let pairs = grad.values_mut().iter_mut().zip(input.values());
        match self {
            Self::Gelu => pairs.for_each(|(grad, &x)| *grad *= gelu_slope(x)),
            Self::Relu => pairs.for_each(|(grad, &x)| *grad *= if x > 0.0 { 1.0 } else { 0.0 }),
        }
    }
}

#[inline(always)]
fn gate(x: f32) -> f32 {
    1.0 / (1.0 + exponential(-SCALE * (x + CUBIC * x * x * x)))
}

#[inline(always)]
fn gelu_slope(x: f32) -> f32 {
    let gate = gate(x);
    gate + x * gate * (1.0 - gate) * SCALE * (1.0 + 3.0 * CUBIC * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    #[test]
    fn gelu_has_its_published_values() {
        let input = Matrix::from_values(1, 4, vec![-3.0, -0.5, 0.0, 1.0]);
        let mut output = Matrix::default();
        Activation::Gelu.forward(&input, &mut output);
        let expected = [-0.003_637_392, -0.154_286, 0.0, 0.841_192];
        for (value, expected) in output.values().iter().zip(expected) {
            assert!((value - expected).abs() < 1e-6, "{value} is not {expected}");
        }
    }

    #[test]
    fn gradients_match_differences() {
        for activation in [Activation::Gelu, Activation::Relu] {
            let input = noise(1, 6, 7);
            let grad_output = noise(2, 6, 7);
            let mut grad = grad_output.clone();
            activation.backward(&input, &mut grad);
            assert_gradient(input.values(), grad.values(), |values| {
                let mut output = Matrix::default();
                activation.forward(&Matrix::from_values(6, 7, values.to_vec()), &mut output);
                weighted_sum(&output, &grad_output)
            });
        }
    }
}

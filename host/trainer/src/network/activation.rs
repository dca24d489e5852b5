//! Pointwise activations: GELU (<https://arxiv.org/abs/1606.08415>, exact form) and ReLU.

use super::exponential::exponential;
use super::matrix::Matrix;
use serde::{Deserialize, Serialize};

/// A pointwise activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Gaussian error linear unit: `x` times the normal distribution's share below `x`.
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

impl Activation {
    /// `output = activation(input)`, both `[T, F]`.
    pub(crate) fn forward(self, input: &Matrix, output: &mut Matrix) {
        output.resize(input.rows(), input.columns());
        let pairs = output.values_mut().iter_mut().zip(input.values());
        match self {
            Self::Gelu => pairs.for_each(|(output, &x)| *output = x * share_below(x)),
            Self::Relu => pairs.for_each(|(output, &x)| *output = x.max(0.0)),
        }
    }

    /// Turns `grad` `[T, F]` from the gradient by the output into the gradient by the `input`.
    pub(crate) fn backward(self, input: &Matrix, grad: &mut Matrix) {
        let pairs = grad.values_mut().iter_mut().zip(input.values());
        match self {
            Self::Gelu => pairs.for_each(|(grad, &x)| *grad *= share_below(x) + x * density(x)),
            Self::Relu => pairs.for_each(|(grad, &x)| *grad *= if x > 0.0 { 1.0 } else { 0.0 }),
        }
    }
}

/// The standard normal distribution function within 1e-6: Abramowitz, Stegun, "Handbook of
/// Mathematical Functions", 7.1.26.
#[inline(always)]
fn share_below(x: f32) -> f32 {
    let root = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * root);
    let mut series = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        series = series * t + coefficient;
    }
    let above = 0.5 * series * t * exponential(-root * root);
    if x > 0.0 { 1.0 - above } else { above }
}

/// The standard normal density.
#[inline(always)]
fn density(x: f32) -> f32 {
    const HEIGHT: f32 = 0.398_942_3;
    HEIGHT * exponential(-0.5 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    #[test]
    fn gelu_has_its_published_values() {
        let input = Matrix::from_values(1, 5, vec![-3.0, -0.5, 0.0, 1.0, 2.5]);
        let mut output = Matrix::default();
        Activation::Gelu.forward(&input, &mut output);
        let expected = [-0.004_049_694, -0.154_268_77, 0.0, 0.841_344_7, 2.484_475_8];
        for (value, expected) in output.values().iter().zip(expected) {
            assert!((value - expected).abs() < 3e-6, "{value} is not {expected}");
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

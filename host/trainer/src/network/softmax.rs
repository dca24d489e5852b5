//! Softmax of one row, with the maximum taken out first.

use super::exponential::exponential;
use super::reduction::{dot, largest, sum};

/// Replaces `row` by its softmax and returns `ln(sum(exp(row)))`, so that the logarithm of a
/// probability is its old value minus the returned one.
pub(crate) fn softmax(row: &mut [f32]) -> f32 {
    let peak = largest(row);
    for value in &mut *row {
        *value = exponential(*value - peak);
    }
    let total = sum(row);
    let inverse = 1.0 / total;
    for value in &mut *row {
        *value *= inverse;
    }
    peak + total.ln()
}

/// Turns `grad` from the gradient by the `probabilities` into the gradient by the row that
/// [`softmax`] was given.
pub(crate) fn softmax_backward(probabilities: &[f32], grad: &mut [f32]) {
    let mean = dot(probabilities, grad);
    for (grad, probability) in grad.iter_mut().zip(probabilities) {
        *grad = probability * (*grad - mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise};

    #[test]
    fn large_values_do_not_overflow() {
        let mut row = [1000.0, 1000.0, 0.0];
        let log_total = softmax(&mut row);
        assert!((row[0] - 0.5).abs() < 1e-6 && row[2] < 1e-30);
        assert!((log_total - (1000.0 + 2f32.ln())).abs() < 1e-3);
    }

    #[test]
    fn gradients_match_differences() {
        let point = noise(1, 1, 11);
        let weights = noise(2, 1, 11);
        let loss = |values: &[f32]| {
            let mut row = values.to_vec();
            softmax(&mut row);
            f64::from(dot(&row, weights.values()))
        };
        let mut probabilities = point.values().to_vec();
        softmax(&mut probabilities);
        let mut grad = weights.values().to_vec();
        softmax_backward(&probabilities, &mut grad);
        assert_gradient(point.values(), &grad, loss);
    }
}

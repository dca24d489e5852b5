//! Numeric gradients, against which the tests hold every backward pass.

use crate::network::Matrix;
use crate::random::Random;
use ndarray::Array2;

/// Half the distance between the two points of a central difference: large enough that `f32`
/// rounding (about 1e-7 of the loss) stays below 1e-4 of a gradient of size 1.
const STEP: f32 = 4e-3;

/// Largest accepted difference, as a part of the largest gradient: rounding plus the third-order
/// term of the central difference.
const TOLERANCE: f64 = 2e-3;

/// A matrix `[rows, columns]` of values in -1..1.
pub(crate) fn noise(seed: u64, rows: usize, columns: usize) -> Matrix {
    let mut random = Random::keyed([seed, 0, 0]);
    let values = (0..rows * columns).map(|_| random.signed());
    Matrix::from_values(rows, columns, values.collect())
}

/// As [`noise`].
pub(crate) fn matrix(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    noise(seed, rows, columns).view().to_owned()
}

/// `sum(output * weights)`, a scalar whose gradient by `output` is `weights`.
pub(crate) fn weighted_sum(output: &Matrix, weights: &Matrix) -> f64 {
    let pairs = output.values().iter().zip(weights.values());
    pairs
        .map(|(&value, &weight)| f64::from(value) * f64::from(weight))
        .sum()
}

/// Asserts that `gradient` is the gradient of `loss` at `point`.
pub(crate) fn assert_gradient(point: &[f32], gradient: &[f32], loss: impl Fn(&[f32]) -> f64) {
    assert_eq!(point.len(), gradient.len());
    let largest = gradient
        .iter()
        .fold(0f32, |largest, value| largest.max(value.abs()));
    assert!(largest > 0.0, "a gradient of zeros proves nothing");
    let mut moved = point.to_vec();
    for (index, &expected) in gradient.iter().enumerate() {
        moved[index] = point[index] + STEP;
        let above = (loss(&moved), moved[index]);
        moved[index] = point[index] - STEP;
        let below = (loss(&moved), moved[index]);
        moved[index] = point[index];
        let numeric = (above.0 - below.0) / f64::from(above.1 - below.1);
        let error = (numeric - f64::from(expected)).abs() / f64::from(largest);
        assert!(
            error < TOLERANCE,
            "value {index}: backward pass says {expected}, differences say {numeric}"
        );
    }
}

/// Asserts that `loss` adds its gradient to its second argument.
pub(crate) fn check(at: &Array2<f32>, loss: impl Fn(&Array2<f32>, &mut Array2<f32>) -> f32) {
    let mut gradient = Array2::zeros(at.raw_dim());
    loss(at, &mut gradient);
    let point: Vec<f32> = at.iter().copied().collect();
    let gradient: Vec<f32> = gradient.into_iter().collect();
    assert_gradient(&point, &gradient, |values| {
        let mut moved = at.clone();
        moved
            .iter_mut()
            .zip(values)
            .for_each(|(moved, value)| *moved = *value);
        f64::from(loss(&moved, &mut Array2::zeros(at.raw_dim())))
    });
}

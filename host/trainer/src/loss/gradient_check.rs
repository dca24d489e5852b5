//! Gradients against numeric differences.

use crate::random::Random;
use ndarray::Array2;

/// A matrix of numbers in `[-1, 1)`.
pub(crate) fn matrix(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let mut random = Random::keyed([seed, 0, 0]);
    Array2::from_shape_simple_fn((rows, columns), || random.signed())
}

/// Fails where the gradient that `loss` adds differs from its central differences.
pub(crate) fn check(at: &Array2<f32>, loss: impl Fn(&Array2<f32>, &mut Array2<f32>) -> f32) {
    const STEP: f32 = 5e-3;
    // Differences carry rounding of about 1e-7 x loss / STEP and an error of order STEP squared.
    const TOLERANCE: f32 = 1e-3;
    let mut analytic = Array2::zeros(at.raw_dim());
    let value = loss(at, &mut analytic);
    let mut ignored = analytic.clone();
    for ((row, column), &gradient) in analytic.indexed_iter() {
        let mut moved = at.clone();
        moved[[row, column]] = at[[row, column]] + STEP;
        let above = loss(&moved, &mut ignored);
        moved[[row, column]] = at[[row, column]] - STEP;
        let below = loss(&moved, &mut ignored);
        let numeric = (above - below) / (2.0 * STEP);
        let bound = TOLERANCE * (1.0 + value.abs() + gradient.abs());
        assert!(
            (numeric - gradient).abs() < bound,
            "[{row}, {column}]: numeric {numeric}, analytic {gradient}"
        );
    }
}

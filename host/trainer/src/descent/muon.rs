//! Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024), for the matrices of a body.

use crate::network::Shape;
use ndarray::{Array2, ArrayView2};

const MOMENTUM: f32 = 0.95;

/// Steps of the iteration, and its coefficients (ibid.): singular values come to lie between 0.7 and 1.2.
const STEPS: usize = 5;
const QUINTIC: [f32; 3] = [3.4445, -4.7750, 2.0315];

/// Root of the mean square of an update at rate 1, as Adam's is (Liu et al., "Muon is scalable for LLM training",
/// 2025, section 2.2).
const UPDATE: f32 = 0.2;

/// Gradients of length below this move nothing.
const SHORTEST: f32 = 1e-20;

/// Moves `values`, matrices of `shape`, against `gradient`: by what Nesterov's momentum becomes when all its singular
/// values are made about one. `decay` is the share of a number that a step takes away, times `rate`.
pub(super) fn apply(
    values: &mut [f32],
    gradient: &[f32],
    momentum: &mut [f32],
    shape: Shape,
    rate: f32,
    decay: f32,
) {
    for (momentum, gradient) in momentum.iter_mut().zip(gradient) {
        *momentum = MOMENTUM * *momentum + gradient;
    }
    let ahead = momentum.iter().zip(gradient);
    let ahead: Vec<f32> = ahead
        .map(|(momentum, gradient)| MOMENTUM * momentum + gradient)
        .collect();
    let numbers = shape.rows * shape.columns;
    let step = rate * UPDATE * (shape.rows.max(shape.columns) as f32).sqrt();
    for (values, ahead) in values.chunks_mut(numbers).zip(ahead.chunks(numbers)) {
        let direction = orthogonal(crate::network::view(shape.rows, shape.columns, ahead));
        for (value, direction) in values.iter_mut().zip(&direction) {
            *value -= rate * decay * *value + step * direction;
        }
    }
}

/// `matrix` `[R, C]` with singular values of about one; zeros for zeros.
fn orthogonal(matrix: ArrayView2<'_, f32>) -> Array2<f32> {
    let length = matrix.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length < SHORTEST {
        return Array2::zeros(matrix.raw_dim());
    }
    let upright = matrix.nrows() > matrix.ncols();
    let mut wide = if upright { matrix.t() } else { matrix }.to_owned() / length;
    let [first, third, fifth] = QUINTIC;
    for _ in 0..STEPS {
        let square = wide.dot(&wide.t());
        let factor = third * &square + fifth * square.dot(&square);
        wide = first * &wide + factor.dot(&wide);
    }
    if upright { wide.reversed_axes() } else { wide }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn singular_values_become_about_one_and_directions_stay() {
        for (rows, columns) in [(24, 48), (48, 24), (16, 16)] {
            let matrix = gradient_check::matrix(rows, columns, 5);
            let made = orthogonal(matrix.view());
            let wide = if rows > columns {
                made.t()
            } else {
                made.view()
            };
            let square = wide.dot(&wide.t());
            for (at, value) in square.indexed_iter() {
                let one = if at.0 == at.1 { 1.0 } else { 0.0 };
                assert!((value - one).abs() < 0.45, "{at:?}: {value}");
            }
            let along = (&made * &matrix).sum() / (made.dot(&made.t()).diag().sum().sqrt());
            let lengths = matrix.iter().map(|value| value * value).sum::<f32>().sqrt();
            assert!(along > 0.8 * lengths, "{along} of {lengths}");
        }
        assert_eq!(
            orthogonal(Array2::zeros((2, 3)).view()),
            Array2::<f32>::zeros((2, 3))
        );
    }

    #[test]
    fn an_update_is_as_large_as_the_rate_says() {
        let shape = Shape {
            matrices: 3,
            rows: 16,
            columns: 32,
        };
        let gradient = gradient_check::matrix(48, 32, 7);
        let gradient: Vec<f32> = gradient.iter().copied().collect();
        let (mut values, mut momentum) = (vec![0.0; gradient.len()], vec![0.0; gradient.len()]);
        apply(&mut values, &gradient, &mut momentum, shape, 0.01, 0.0);
        for matrix in values.chunks(16 * 32) {
            let square = matrix.iter().map(|value| value * value).sum::<f32>() / (16.0 * 32.0);
            assert!(
                (square.sqrt() / (UPDATE * 0.01) - 1.0).abs() < 0.3,
                "{square}"
            );
        }
    }

    #[test]
    fn a_map_is_found_from_its_errors() {
        let wanted = gradient_check::matrix(12, 8, 3);
        let shape = Shape {
            matrices: 1,
            rows: 12,
            columns: 8,
        };
        let (mut values, mut momentum) = (vec![0.0; 96], vec![0.0; 96]);
        for step in 0..400 {
            let gradient: Vec<f32> = values.iter().zip(&wanted).map(|(x, y)| x - y).collect();
            let rate = 0.1 * (1.0 - step as f32 / 400.0);
            apply(&mut values, &gradient, &mut momentum, shape, rate, 0.0);
        }
        let error = values
            .iter()
            .zip(&wanted)
            .map(|(x, y)| (x - y).powi(2))
            .sum::<f32>();
        assert!(
            error < 1e-3 * wanted.iter().map(|y| y * y).sum::<f32>(),
            "{error}"
        );
    }
}

//! From the tokens of a text to one vector.

use crate::matrix::Matrix;

/// `pooled[n]` is the mean of the rows of `tokens` `[T, D]` that belong to text n: `[N, D]`.
pub fn mean_pool(tokens: &Matrix, lengths: &[usize], pooled: &mut Matrix) {
    let features = tokens.columns();
    pooled.resize(lengths.len(), features);
    pooled.values_mut().fill(0.0);
    let mut rows = tokens.values().chunks_exact(features);
    for (mean, &length) in pooled.values_mut().chunks_exact_mut(features).zip(lengths) {
        let share = 1.0 / length as f32;
        for row in rows.by_ref().take(length) {
            for (mean, value) in mean.iter_mut().zip(row) {
                *mean += share * value;
            }
        }
    }
}

/// Writes `grad_tokens` `[T, D]` from `grad_pooled` `[N, D]`.
pub fn mean_pool_backward(grad_pooled: &Matrix, lengths: &[usize], grad_tokens: &mut Matrix) {
    let features = grad_pooled.columns();
    grad_tokens.resize(lengths.iter().sum(), features);
    let mut rows = grad_tokens.values_mut().chunks_exact_mut(features);
    for (grad, &length) in grad_pooled.values().chunks_exact(features).zip(lengths) {
        let share = 1.0 / length as f32;
        for row in rows.by_ref().take(length) {
            for (token, value) in row.iter_mut().zip(grad) {
                *token = share * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    #[test]
    fn gradients_match_differences() {
        let tokens = noise(1, 5, 4);
        let grad_pooled = noise(2, 2, 4);
        let mut grad = Matrix::default();
        mean_pool_backward(&grad_pooled, &[2, 3], &mut grad);
        assert_gradient(tokens.values(), grad.values(), |values| {
            let mut pooled = Matrix::default();
            mean_pool(
                &Matrix::from_values(5, 4, values.to_vec()),
                &[2, 3],
                &mut pooled,
            );
            weighted_sum(&pooled, &grad_pooled)
        });
    }
}

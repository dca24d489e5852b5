//! From gradients of embeddings to gradients of sums and projection.

use super::Parameters;
use super::forward::Embedded;
use ndarray::Array2;

/// `[T, D]`: the gradient of `P x` from that of `unit(P x)`: `(g - u (u . g)) / length`.
pub(crate) fn unit_gradient(embedded: &Embedded, mut gradient: Array2<f32>) -> Array2<f32> {
    let texts = gradient.rows_mut().into_iter();
    for ((mut row, unit), &length) in texts.zip(embedded.units.rows()).zip(&embedded.lengths) {
        let along = row.dot(&unit);
        row.scaled_add(-along, &unit);
        row *= if along.is_finite() && length > 1e-20 {
            1.0 / length
        } else {
            0.0
        };
    }
    gradient
}

/// `[D, R]`: the gradient of the projection from that of `P x` `[T, D]`.
pub(crate) fn projection_gradient(embedded: &Embedded, gradient: &Array2<f32>) -> Array2<f32> {
    gradient.t().dot(&embedded.sums)
}

/// `[T, R]`: the gradient of each sum of rows from that of `P x` `[T, D]`.
pub(crate) fn sum_gradient(parameters: &Parameters, gradient: &Array2<f32>) -> Array2<f32> {
    gradient.dot(&parameters.projection())
}

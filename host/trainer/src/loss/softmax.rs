//! Softmax in two parts.

use crate::network::{exponential, largest, sum};

/// Turns a row of logits into `e^(x - max)` and returns `(max, sum)`.
pub(super) fn softmax_parts(row: &mut [f32]) -> (f32, f32) {
    let largest = largest(row);
    for value in row.iter_mut() {
        *value = exponential(*value - largest);
    }
    (largest, sum(row))
}

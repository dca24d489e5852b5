//! From the tokens of a window to one vector, in floats.

use crate::encoder::config::Pooling;

/// Pools at least one token, of which the first `width` numbers count, into `out` `[P]`.
pub(super) fn pool<'s>(
    pooling: Pooling,
    tokens: impl ExactSizeIterator<Item = &'s [f32]> + Clone,
    width: usize,
    out: &mut [f32],
) {
    let count = tokens.len() as f32;
    for feature in 0..width {
        let values = || tokens.clone().map(|token| token[feature]);
        let mean = || values().sum::<f32>() / count;
        let largest = || values().fold(f32::NEG_INFINITY, f32::max);
        match pooling {
            Pooling::Mean => out[feature] = mean(),
            Pooling::Max => out[feature] = largest(),
            Pooling::MeanMax => (out[feature], out[width + feature]) = (mean(), largest()),
        }
    }
}

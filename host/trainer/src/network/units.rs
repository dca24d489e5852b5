//! What a step of each integer activation is worth.

use serde::{Deserialize, Serialize};

/// The largest 8-bit activation.
pub(crate) const LARGEST: f32 = 127.0;

/// A step of a normalised activation of 8 bits.
pub(crate) const NARROW_UNIT: f32 = 1.0 / 32.0;

/// A step of a normalised activation of 16 bits.
pub(crate) const WIDE_UNIT: f32 = 1.0 / 4096.0;

/// Units of the activations of a body, fixed when its quantised stage begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BodyUnits {
    /// Of the residual stream, 16 bits.
    pub(crate) stream: f32,
    pub(crate) layers: Vec<LayerUnits>,
    /// The largest weight of the layers: 7 or 127.
    pub(crate) weight_limit: f32,
    /// Of the sums that become an embedding.
    pub(crate) embedding: f32,
}

/// Units of the activations of a layer, 8 bits each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LayerUnits {
    /// Of each query, key and value feature, `[3 D]`; values have one unit.
    pub(crate) joint: Vec<f32>,
    /// Between the maps of the feed-forward part.
    pub(crate) hidden: f32,
}

impl LayerUnits {
    /// The unit of all values.
    pub(crate) fn value(&self) -> f32 {
        self.joint[self.joint.len() - 1]
    }
}

/// Sets the gradient by activations to zero where they lie at the end of their range: there a
/// saturation took them, and a small change would not be seen.
pub(crate) fn stop_at_limits(values: &[f32], units: &[f32], gradient: &mut [f32]) {
    let rows = values
        .chunks_exact(units.len())
        .zip(gradient.chunks_exact_mut(units.len()));
    for (values, gradient) in rows {
        for ((gradient, value), unit) in gradient.iter_mut().zip(values).zip(units) {
            // Half a step of room for rounding.
            let inside = value.abs() < (LARGEST - 0.5) * unit;
            *gradient = if inside { *gradient } else { 0.0 };
        }
    }
}

//! What a step of each integer activation is worth, and what the ends of their ranges mean.

use crate::quantise::Levels;
use memt_core::encoder::ops;
use serde::{Deserialize, Serialize};

/// The largest 8-bit activation.
pub(crate) const LARGEST: f32 = 127.0;

/// A step of a normalised activation of 16 bits.
pub(crate) const WIDE_UNIT: f32 = 1.0 / ops::NORM12_UNIT as f32;

/// Units of the activations of a body, fixed when its quantised stage begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BodyUnits {
    /// Of the residual stream, 16 bits.
    pub(crate) stream: f32,
    /// Bits after the binary point of normalised activations of 8 bits.
    pub(crate) norm_bits: u32,
    pub(crate) layers: Vec<LayerUnits>,
    /// The weights of the layers.
    pub(crate) weights: Levels,
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

impl BodyUnits {
    /// A step of a normalised activation of 8 bits.
    pub(crate) fn norm(&self) -> f32 {
        1.0 / (1 << self.norm_bits) as f32
    }
}

impl LayerUnits {
    /// The unit of all values.
    pub(crate) fn value(&self) -> f32 {
        self.joint[self.joint.len() - 1]
    }
}

/// What the ends of the ranges of integers mean for gradients.
#[derive(Debug)]
pub(crate) struct Saturation<'u, U> {
    /// Units of a forward pass that was one of integers, which saturate.
    pub(crate) units: Option<&'u U>,
    /// The unit of normalised activations in that pass.
    pub(crate) norm: f32,
    /// Twice the weight of the penalty for each normalised activation, see [`Saturation::norm`].
    pub(crate) pull: f32,
}

impl<U> Clone for Saturation<'_, U> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<U> Copy for Saturation<'_, U> {}

impl<'u> Saturation<'u, BodyUnits> {
    /// Of a pass in integers of these units, or in floats.
    pub(crate) fn of(units: Option<&'u BodyUnits>, pull: f32) -> Self {
        Self {
            units,
            norm: units.map_or(f32::INFINITY, BodyUnits::norm),
            pull,
        }
    }

    /// Of layer `index`.
    pub(super) fn layer(self, index: usize) -> Saturation<'u, LayerUnits> {
        Saturation {
            units: self.units.map(|units| &units.layers[index]),
            norm: self.norm,
            pull: self.pull,
        }
    }
}

impl<U> Saturation<'_, U> {
    /// In floats, without a penalty.
    #[cfg(test)]
    pub(crate) const NONE: Self = Self {
        units: None,
        norm: f32::INFINITY,
        pull: 0.0,
    };

    /// For the gradient by normalised activations: none passes where they are saturated, and the
    /// penalty `pull / 2 x max(0, |value| - 4)^2` draws those far out inside.
    pub(super) fn norm(self, values: &[f32], gradient: &mut [f32]) {
        if self.units.is_some() {
            stop_at_limits(values, &[self.norm], gradient);
        }
        self.draw_inside(values, gradient);
    }

    /// The penalty alone: for the last norm, of 16 bits.
    pub(super) fn draw_inside(self, values: &[f32], gradient: &mut [f32]) {
        if self.pull > 0.0 {
            for (gradient, &value) in gradient.iter_mut().zip(values) {
                let beyond = (value.abs() - COMFORTABLE).max(0.0);
                *gradient += self.pull * beyond.copysign(value);
            }
        }
    }
}

impl Saturation<'_, LayerUnits> {
    /// For the gradient by queries, keys and values.
    pub(super) fn joint(self, values: &[f32], gradient: &mut [f32]) {
        if let Some(units) = self.units {
            stop_at_limits(values, &units.joint, gradient);
        }
    }

    /// For the gradient by what the feed-forward part activates.
    pub(super) fn hidden(self, values: &[f32], gradient: &mut [f32]) {
        if let Some(units) = self.units {
            stop_at_limits(values, &[units.hidden], gradient);
        }
    }
}

/// A normalised activation beyond this many deviations is drawn inside: 8 bits hold 3.97, or twice that with wider steps,
/// but a feature far out takes most of the deviation, and leaves the others few steps.
const COMFORTABLE: f32 = 4.0;

/// Sets the gradient by activations to zero where they lie at the end of their range: there a
/// saturation took them, and a small change would not be seen.
fn stop_at_limits(values: &[f32], units: &[f32], gradient: &mut [f32]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saturated_activations_get_no_gradient() {
        let mut gradient = [1.0; 4];
        stop_at_limits(&[126.0, 127.0, -127.0, -5.0], &[1.0], &mut gradient);
        assert_eq!(gradient, [1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn outliers_are_drawn_inside() {
        let saturation = Saturation::<BodyUnits>::of(None, 0.5);
        let mut gradient = [0.0; 4];
        saturation.norm(&[3.5, 6.0, -5.0, 0.0], &mut gradient);
        assert_eq!(gradient, [0.0, 1.0, -0.5, 0.0]);
    }
}

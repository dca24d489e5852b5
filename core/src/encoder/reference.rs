//! The float encoder: the reference that the integer one is measured against.

use super::scratch::{Scratch, ScratchTooSmall};
use super::weights::{BagWeights, Table};
use super::windows::Windows;
use super::{Fingerprint, Image, ImageError, bag_reference, check_scratch};
use crate::embedding::DIMENSIONS;

/// The float encoder over a model image, whose integers it reads as `integer x scale`.
///
/// Sums run in a fixed order with `+ - x /` and pinned `libm` only, so its results are bit-equal on
/// every target with IEEE 754 single precision.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceEncoder<'m> {
    image: Image<'m>,
    weights: BagWeights<'m, Table<'m>>,
}

impl<'m> ReferenceEncoder<'m> {
    /// Finds the weights in `image`.
    pub fn new(image: Image<'m>) -> Result<Self, ImageError> {
        let weights = BagWeights::find(&image)?;
        Ok(Self { image, weights })
    }

    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        self.image.fingerprint()
    }

    /// The embedding of any text, of unit length; zeros for a text without tokens.
    pub fn encode<const BYTES: usize>(
        &self,
        text: &str,
        scratch: &mut Scratch<BYTES>,
    ) -> Result<[f32; DIMENSIONS], ScratchTooSmall> {
        check_scratch(self.image.config(), BYTES)?;
        let mut pooled = [0.0; DIMENSIONS];
        for words in Windows::of(text, self.image.config().window()) {
            let mut window = [0.0; DIMENSIONS];
            let scratch = scratch.as_mut();
            let count = bag_reference::encode_window(&self.weights, words, scratch, &mut window)?;
            let largest = window
                .iter()
                .map(|value| libm::fabsf(*value))
                .fold(0.0, f32::max);
            let share = if largest > 0.0 {
                count as f32 / largest
            } else {
                0.0
            };
            for (pooled, value) in pooled.iter_mut().zip(window) {
                *pooled += share * value;
            }
        }
        normalise(&mut pooled);
        Ok(pooled)
    }
}

fn normalise(values: &mut [f32; DIMENSIONS]) {
    let squares: f32 = values.iter().map(|value| value * value).sum();
    if squares > 0.0 {
        let length = libm::sqrtf(squares);
        values.iter_mut().for_each(|value| *value /= length);
    }
}

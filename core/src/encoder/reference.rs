//! The float encoder: the reference that the integer one is measured against.

use super::config::Body;
use super::scratch::{Scratch, ScratchTooSmall};
use super::transformer::TransformerReference;
use super::weights::{BagWeights, Table};
use super::windows::Windows;
use super::{Fingerprint, Image, ImageError, bag_reference};
use crate::embedding::DIMENSIONS;

/// The float encoder over a model image, whose integers it reads as `integer x scale`.
///
/// Sums run in a fixed order with `+ - x /` and pinned `libm` only, so its results are bit-equal on
/// every target with IEEE 754 single precision. The scratch needs
/// [`Config::reference_scratch_bytes`](super::Config::reference_scratch_bytes).
#[derive(Clone, Copy, Debug)]
pub struct ReferenceEncoder<'m> {
    image: Image<'m>,
    weights: Weights<'m>,
}

/// The weights of each body.
#[derive(Clone, Copy, Debug)]
enum Weights<'m> {
    Bag(BagWeights<'m, Table<'m>>),
    Transformer(TransformerReference<'m>),
}

impl<'m> ReferenceEncoder<'m> {
    /// Finds the weights in `image`.
    pub fn new(image: Image<'m>) -> Result<Self, ImageError> {
        let weights = match image.config().body {
            Body::Bag => Weights::Bag(BagWeights::find(&image)?),
            Body::Transformer(body) => {
                Weights::Transformer(TransformerReference::find(&image, body)?)
            }
        };
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
        let needed = self.image.config().reference_scratch_bytes();
        if BYTES < needed {
            return Err(ScratchTooSmall {
                given: BYTES,
                needed,
            });
        }
        let mut pooled = [0.0; DIMENSIONS];
        for words in Windows::of(text, self.image.config().window()) {
            let mut window = [0.0; DIMENSIONS];
            let scratch = scratch.as_mut();
            let count = match &self.weights {
                Weights::Bag(weights) => {
                    bag_reference::encode_window(weights, words, scratch, &mut window)?
                }
                Weights::Transformer(weights) => {
                    weights.encode_window(words, scratch, &mut window)?
                }
            };
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

//! The float encoder: the reference that the integer one is measured against.
//!
//! An image of floats is computed in true units, as other programs would: norms with an epsilon of
//! 1e-5, softmax of `q.k / sqrt(d)`. An image of integers is computed in its own units, which only
//! the rounding and the limits of the integer encoder part from it.

mod arithmetic;
mod attention;
mod bag;
mod conv;
mod linear;
mod norm;
mod pooling;
mod rows;
mod transformer;

use super::config::{Body, Config};
use super::scratch::{Scratch, ScratchSlice, ScratchTooSmall};
use super::weights::{BagWeights, Table};
use super::windows::Windows;
use super::{Fingerprint, Image, ImageError, check_scratch};
use crate::embedding::DIMENSIONS;
use crate::tokens::Tokens;
use conv::ConvReference;
use core::iter::Take;
use transformer::TransformerReference;

/// Most tokens that go through a matrix together: each row is read once for all of them.
const BLOCK: usize = 8;

/// The float encoder over a model image.
///
/// Sums run in a fixed order with `+ - x /` and pinned `libm` only, so its results are bit-equal on
/// every target with IEEE 754 single precision.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceEncoder<'m> {
    image: Image<'m>,
    weights: Weights<'m>,
}

/// The weights of each body.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one encoder, and nowhere to put a box"
)]
enum Weights<'m> {
    Bag(BagWeights<'m, Table<'m>>),
    Transformer(TransformerReference<'m>),
    Conv(ConvReference<'m>),
}

/// Bytes of scratch that encoding needs.
pub(super) const fn scratch_bytes(config: &Config) -> usize {
    match &config.body {
        Body::Bag => bag::scratch_bytes(&config.front),
        Body::Transformer(body) | Body::PostNormTransformer(body) => {
            transformer::scratch_bytes(body, &config.front)
        }
        Body::Conv(body) => conv::scratch_bytes(body, &config.front),
    }
}

impl<'m> ReferenceEncoder<'m> {
    /// Finds the weights in `image`.
    pub fn new(image: Image<'m>) -> Result<Self, ImageError> {
        let weights = match image.config().body {
            Body::Bag => Weights::Bag(BagWeights::find(&image)?),
            Body::Transformer(body) | Body::PostNormTransformer(body) => {
                Weights::Transformer(TransformerReference::find(&image, body)?)
            }
            Body::Conv(body) => Weights::Conv(ConvReference::find(&image, body)?),
        };
        Ok(Self { image, weights })
    }

    /// The image.
    pub fn image(&self) -> &Image<'m> {
        &self.image
    }

    /// The embedding space.
    pub fn fingerprint(&self) -> Fingerprint {
        self.image.fingerprint()
    }

    /// The embedding of any text, of unit length; zeros for a text without tokens. The scratch has
    /// [`Config::reference_scratch_bytes`].
    pub fn encode<const BYTES: usize>(
        &self,
        text: &str,
        scratch: &mut Scratch<BYTES>,
    ) -> Result<[f32; DIMENSIONS], ScratchTooSmall> {
        let config = self.image.config();
        check_scratch(config.reference_scratch_bytes(), BYTES)?;
        let mut pooled = [0.0; DIMENSIONS];
        for tokens in Windows::of(config.front.tokens(text), config.window()) {
            let mut window = [0.0; DIMENSIONS];
            let count = self.encode_window(tokens, scratch.as_mut(), &mut window)?;
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

    /// Encodes one window into `out` and returns how many tokens it had.
    fn encode_window(
        &self,
        tokens: Take<Tokens<'_>>,
        scratch: ScratchSlice<'_>,
        out: &mut [f32; DIMENSIONS],
    ) -> Result<u32, ScratchTooSmall> {
        match &self.weights {
            Weights::Bag(weights) => bag::encode_window(weights, tokens, scratch, out),
            Weights::Transformer(weights) => weights.encode_window(tokens, scratch, out),
            Weights::Conv(weights) => weights.encode_window(tokens, scratch, out),
        }
    }
}

fn normalise(values: &mut [f32; DIMENSIONS]) {
    let squares: f32 = values.iter().map(|value| value * value).sum();
    if squares > 0.0 {
        let length = libm::sqrtf(squares);
        values.iter_mut().for_each(|value| *value /= length);
    }
}

//! Norms on the stream, with gains and offsets.

use crate::encoder::image::{Image, ImageError};
use crate::encoder::ops::{GAIN_BITS, STREAM_BITS};
use crate::encoder::reference::arithmetic::Arithmetic;
use crate::encoder::reference::norm::norm;
use crate::encoder::tensor::{NormName, Tensor, TensorFormat, TensorName};
use crate::encoder::weights::find;

/// The norms of a layer.
pub(super) struct StreamNorms<'m> {
    attention: StreamNorm<'m>,
    feed_forward: StreamNorm<'m>,
}

struct StreamNorm<'m> {
    /// `[D]`
    gains: Tensor<'m>,
    /// `[D]`
    offsets: Tensor<'m>,
}

impl<'m> StreamNorms<'m> {
    /// The norms of layer `layer`.
    pub(super) fn find(
        image: &Image<'m>,
        arithmetic: Arithmetic,
        layer: u8,
        width: usize,
    ) -> Result<Self, ImageError> {
        let format = match arithmetic {
            Arithmetic::Floats => TensorFormat::F32,
            Arithmetic::Integers => TensorFormat::I16,
        };
        let find = |name| {
            let vector = |name| find(image, (name, layer), format, [width, 1]);
            Ok(StreamNorm {
                gains: vector(TensorName::Gains(name))?,
                offsets: vector(TensorName::Offsets(name))?,
            })
        };
        Ok(Self {
            attention: find(NormName::Attention)?,
            feed_forward: find(NormName::FeedForward)?,
        })
    }

    /// Normalises the stream `[L, D]` after attention.
    pub(super) fn after_attention(&self, arithmetic: Arithmetic, stream: &mut [f32]) {
        self.attention.apply(arithmetic, stream);
    }

    /// Normalises the stream `[L, D]` after the feed-forward part.
    pub(super) fn after_feed_forward(&self, arithmetic: Arithmetic, stream: &mut [f32]) {
        self.feed_forward.apply(arithmetic, stream);
    }
}

impl StreamNorm<'_> {
    fn apply(&self, arithmetic: Arithmetic, stream: &mut [f32]) {
        let width = self.gains.entry.rows as usize;
        for token in stream.chunks_exact_mut(width) {
            norm(arithmetic, 1.0, token);
            for (feature, value) in token.iter_mut().enumerate() {
                let (gain, offset) = self.numbers(arithmetic, feature);
                *value = gain * *value + offset;
            }
        }
    }

    /// Gain and offset in steps of the stream.
    fn numbers(&self, arithmetic: Arithmetic, feature: usize) -> (f32, f32) {
        match arithmetic {
            Arithmetic::Floats => (self.gains.f32_at(feature), self.offsets.f32_at(feature)),
            Arithmetic::Integers => {
                const STEPS: f32 = (1 << STREAM_BITS) as f32 / (1 << GAIN_BITS) as f32;
                let gain = f32::from(self.gains.i16_at(feature));
                (STEPS * gain, f32::from(self.offsets.i16_at(feature)))
            }
        }
    }
}

//! Where the norms of a transformer stand.

use crate::encoder::image::{ImageError, Search};
use crate::encoder::ops::{STREAM_BITS, affine_norm, narrow, norm8};
use crate::encoder::tensor::{NormName, TensorFormat, TensorName};
use crate::encoder::weights::find_numbers;

/// The norms of a layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Norms<'m> {
    /// Before attention and before the feed-forward part.
    Before,
    /// On the stream.
    After {
        /// After attention.
        attention: StreamNorm<'m>,
        /// After the feed-forward part.
        feed_forward: StreamNorm<'m>,
    },
}

/// A norm with gain and offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct StreamNorm<'m> {
    /// `[D]`, little-endian.
    gains: &'m [i16],
    /// `[D]`, little-endian.
    offsets: &'m [i16],
}

impl<'m> Norms<'m> {
    /// The norms on the stream of layer `layer`.
    pub(super) fn after(
        image: &mut Search<'_, 'm>,
        layer: u8,
        width: usize,
    ) -> Result<Self, ImageError> {
        let mut find = |name| {
            let mut vector = |name| find_numbers(image, (name, layer), TensorFormat::I16, width);
            Ok(StreamNorm {
                gains: vector(TensorName::Gains(name))?,
                offsets: vector(TensorName::Offsets(name))?,
            })
        };
        Ok(Self::After {
            attention: find(NormName::Attention)?,
            feed_forward: find(NormName::FeedForward)?,
        })
    }

    /// What matrices read of a token `[D]` of the stream.
    pub(super) fn read(&self, norm_bits: u32, stream: &[i16], output: &mut [i8]) {
        match self {
            Self::Before => norm8(norm_bits, stream, output),
            Self::After { .. } => narrow(STREAM_BITS - norm_bits, stream, output),
        }
    }

    /// What happens to tokens `[D]` of the stream after attention.
    pub(super) fn after_attention<'s>(&self, tokens: impl Iterator<Item = &'s mut [i16]>) {
        if let Self::After { attention, .. } = self {
            tokens.for_each(|token| attention.apply(token));
        }
    }

    /// What happens to tokens `[D]` of the stream after the feed-forward part.
    pub(super) fn after_feed_forward<'s>(&self, tokens: impl Iterator<Item = &'s mut [i16]>) {
        if let Self::After { feed_forward, .. } = self {
            tokens.for_each(|token| feed_forward.apply(token));
        }
    }
}

impl StreamNorm<'_> {
    fn apply(&self, token: &mut [i16]) {
        let pairs = self.gains.iter().zip(self.offsets);
        let pairs = pairs.map(|(&gain, &offset)| (i16::from_le(gain), i16::from_le(offset)));
        affine_norm(token, pairs);
    }
}

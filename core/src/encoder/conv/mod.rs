//! Convolutions over three neighbours in integers.
//!
//! ```text
//! h_t = saturate16(requantise(x_t, m))                     x_t: the row of token t     [R]
//! a_t = saturate8(round(h_t / 256)), zeros beyond the ends of the window               [I]
//! h_t = max(0, saturate16(requantise(W [a_t-1, a_t, a_t+1] + b)))                      [C]
//! ```
//!
//! A residual layer adds the last line to h_t, saturated again. What a step of the stream is worth
//! may differ from layer to layer, except where a layer is residual.

mod buffers;
mod layer;
mod weights;

pub(super) use buffers::scratch_bytes;
pub(super) use weights::ConvWeights;

use super::ops::{requantise, saturate16};
use super::pooling::Pool;
use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::walk::{Body, Pair};
use crate::embedding::DIMENSIONS;
use crate::tokens::Token;
use buffers::Buffers;
use weights::LayerWeights;

impl<'m> Body for ConvWeights<'m> {
    type Layer = LayerWeights<'m>;
    type Buffers<'s> = Buffers<'s>;

    const PASSES_A_LAYER: u8 = 1;

    fn layers(&self) -> u8 {
        self.config.layers
    }

    fn layer(&self, number: u8) -> Option<LayerWeights<'m>> {
        self.find_layer(number).ok()
    }

    fn buffers<'s>(&self, scratch: ScratchSlice<'s>) -> Result<Buffers<'s>, ScratchTooSmall> {
        Buffers::of(&self.config, &self.image.config().front, scratch)
    }

    fn begin(&self, _: &mut Buffers<'_>) {}

    fn enter(&self, first: usize, tokens: &[Token<'_>], buffers: &mut Buffers<'_>) {
        let width = self.front.row_width;
        let places = buffers.stream.chunks_mut(buffers.stride).skip(first);
        for (&token, place) in tokens.iter().zip(places) {
            let sums = &mut buffers.sums[..2 * width];
            sums.fill(0);
            let (row, spelled) = sums.split_at_mut(width);
            self.front.add_token(token, spelled, row);
            for (place, &value) in place.iter_mut().zip(row.iter()) {
                *place = saturate16(requantise(value, self.multiplier));
            }
        }
    }

    fn pass(
        &self,
        layer: &LayerWeights<'m>,
        _: u8,
        pair: Pair,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        layer.convolve(pair, tokens, buffers);
    }

    fn leave(&self, tokens: usize, buffers: &mut Buffers<'_>, out: &mut [i32; DIMENSIONS]) {
        let channels = usize::from(self.config.channels);
        let pooled = &mut buffers.pooled[..];
        let mut pool = Pool::new(self.config.pooling, &mut buffers.sums[..channels], pooled);
        for token in buffers.stream.chunks(buffers.stride).take(tokens) {
            pool.add(&token[..channels]);
        }
        pool.finish(tokens);
        self.pooled.add_one_to(buffers.pooled, buffers.words, out);
    }
}

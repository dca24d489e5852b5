//! The transformer in integers.
//!
//! A layer is two passes: `remember` computes the keys and values of all tokens, `mix` the attention
//! and the feed-forward part of each.

mod buffers;
mod enter;
mod layer;
mod leave;
mod norms;
mod weights;

pub(super) use buffers::scratch_bytes;
pub(super) use weights::TransformerWeights;

use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::walk::{Body, Pair};
use crate::embedding::DIMENSIONS;
use crate::tokens::Token;
use buffers::Buffers;
use weights::LayerWeights;

impl<'m> Body for TransformerWeights<'m> {
    type Layer = LayerWeights<'m>;
    type Buffers<'s> = Buffers<'s>;

    const PASSES_A_LAYER: u8 = 2;

    fn layers(&self) -> u8 {
        self.config.layers
    }

    fn layer(&self, number: u8) -> Option<LayerWeights<'m>> {
        self.find_layer(number).ok()
    }

    fn buffers<'s>(&self, scratch: ScratchSlice<'s>) -> Result<Buffers<'s>, ScratchTooSmall> {
        Buffers::of(&self.config, &self.image.config().front, scratch)
    }

    fn begin(&self, buffers: &mut Buffers<'_>) {
        buffers.bag.fill(0);
    }

    fn enter(&self, first: usize, tokens: &[Token<'_>], buffers: &mut Buffers<'_>) {
        enter::enter(self, first, tokens, buffers);
    }

    fn pass(
        &self,
        layer: &LayerWeights<'m>,
        pass: u8,
        pair: Pair,
        tokens: usize,
        buffers: &mut Buffers<'_>,
    ) {
        match pass {
            0 => layer.remember(&self.config, pair, buffers),
            _ => layer.mix(&self.config, pair, tokens, buffers),
        }
    }

    fn leave(&self, tokens: usize, buffers: &mut Buffers<'_>, out: &mut [i32; DIMENSIONS]) {
        leave::leave(self, tokens, buffers, out);
    }
}

//! From the residual stream and the bag to the sums of an embedding.

use super::buffers::{Buffers, numbers16};
use super::weights::{Entry, TransformerWeights};
use crate::embedding::DIMENSIONS;
use crate::encoder::kernel;
use crate::encoder::linear::Linear;
use crate::encoder::ops::norm12;
use crate::encoder::pooling::Pool;

/// Adds the sums of a window of `tokens`, at least one, to `out`.
pub(super) fn leave(
    weights: &TransformerWeights<'_>,
    tokens: usize,
    buffers: &mut Buffers<'_>,
    out: &mut [i32; DIMENSIONS],
) {
    let pooled = pool(weights, tokens, buffers);
    let words = &mut buffers.work.words;
    let pooled = &numbers16(buffers.keys)[..pooled];
    weights.pooled.add_one_to(pooled, words, out);
    if let Some(map) = &weights.bag {
        add_bag(map, buffers, out);
    }
}

/// Pools the tokens into the front of the keys, for nothing attends any more, and returns how many
/// numbers they are.
fn pool(weights: &TransformerWeights<'_>, tokens: usize, buffers: &mut Buffers<'_>) -> usize {
    let width = weights.width();
    let pooled = weights.config.pooling.width(width);
    let (out, normalised) = numbers16(buffers.keys).split_at_mut(pooled);
    let sums = &mut buffers.work.sums[..width];
    let mut pool = Pool::new(weights.config.pooling, sums, out);
    for token in buffers.stream[..tokens * width].chunks(width) {
        match weights.entry {
            Entry::Normalised(_) => {
                let normalised = &mut normalised[..width];
                norm12(token, normalised);
                pool.add(normalised);
            }
            Entry::Raw(_) => pool.add(token),
        }
    }
    pool.finish(tokens);
    pooled
}

/// Adds the bag's way; the pooled numbers have been read.
fn add_bag(map: &Linear<'_>, buffers: &mut Buffers<'_>, out: &mut [i32; DIMENSIONS]) {
    let width = buffers.bag.len();
    let (reduced, rest) = numbers16(buffers.keys).split_at_mut(width);
    let normalised = &mut rest[..width];
    kernel::normalise(buffers.bag, reduced);
    norm12(reduced, normalised);
    map.add_one_to(normalised, buffers.work.words, out);
}

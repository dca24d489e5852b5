//! From tokens to the residual stream.

use super::buffers::{Buffers, row_sums};
use super::weights::{Entry, TransformerWeights};
use crate::encoder::kernel;
use crate::encoder::linear::Linear;
use crate::encoder::ops::{norm8, requantise, saturate16};
use crate::tokens::Token;

/// Brings one or two tokens into the stream as tokens `first` and `first + 1`.
pub(super) fn enter(
    weights: &TransformerWeights<'_>,
    first: usize,
    tokens: &[Token<'_>],
    buffers: &mut Buffers<'_>,
) {
    for (which, &token) in tokens.iter().enumerate() {
        add_row(weights, token, buffers);
        match weights.entry {
            Entry::Normalised(_) => normalise_row(weights, which, buffers),
            Entry::Raw(multiplier) => row_to_stream(weights, multiplier, first + which, buffers),
        }
    }
    if let Entry::Normalised(input) = &weights.entry {
        pair_to_stream(weights, input, first, tokens.len(), buffers);
    }
}

/// Puts the row of a token into the front of [`row_sums`] and adds it to the bag.
fn add_row(weights: &TransformerWeights<'_>, token: Token<'_>, buffers: &mut Buffers<'_>) {
    let width = weights.front.row_width;
    let (sums, _) = row_sums(buffers.keys, width);
    sums.fill(0);
    let (row, spelled) = sums.split_at_mut(width);
    weights.front.add_token(token, spelled, row);
    for (bag, &value) in buffers.bag.iter_mut().zip(row.iter()) {
        *bag += value;
    }
}

/// Puts the row, normalised, into `work.narrow` as the first or second of a pair.
fn normalise_row(weights: &TransformerWeights<'_>, which: usize, buffers: &mut Buffers<'_>) {
    let width = weights.front.row_width;
    let (sums, wide) = row_sums(buffers.keys, width);
    kernel::normalise(&sums[..width], wide);
    norm8(
        weights.config.norm_bits.into(),
        wide,
        &mut buffers.work.narrow[which * width..][..width],
    );
}

/// Brings the row into the stream as it is.
fn row_to_stream(
    weights: &TransformerWeights<'_>,
    multiplier: u32,
    token: usize,
    buffers: &mut Buffers<'_>,
) {
    let width = weights.width();
    let stream = &mut buffers.stream[token * width..][..width];
    weights.put_position(token, stream);
    let (sums, _) = row_sums(buffers.keys, width);
    for (stream, &value) in stream.iter_mut().zip(&*sums) {
        let value = requantise(value, multiplier);
        *stream = saturate16(value.saturating_add(i32::from(*stream)));
    }
}

/// Brings one or two normalised rows into the stream by a matrix.
fn pair_to_stream(
    weights: &TransformerWeights<'_>,
    input: &Linear<'_>,
    first: usize,
    entered: usize,
    buffers: &mut Buffers<'_>,
) {
    let (row_width, width) = (weights.front.row_width, weights.width());
    let (left, right) = buffers.work.narrow[..2 * row_width].split_at(row_width);
    let right = if entered == 2 { right } else { left };
    let stream = &mut buffers.stream[first * width..][..entered * width];
    for (token, stream) in stream.chunks_exact_mut(width).enumerate() {
        weights.put_position(first + token, stream);
    }
    input.add_to([left, right], buffers.work.words, stream);
}

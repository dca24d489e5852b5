//! From words to the residual stream.

use super::buffers::{Buffers, Work, numbers16};
use super::weights::TransformerWeights;
use crate::encoder::kernel;
use crate::encoder::ops::{norm8, saturate16};
use crate::text::Word;

/// Adds the row of a word to the bag and puts it, normalised, into `work.narrow` as the first or
/// second of a pair.
pub(super) fn normalise_word(
    weights: &TransformerWeights<'_>,
    word: Word<'_>,
    which: usize,
    buffers: &mut Buffers<'_>,
) {
    let width = weights.front.row_width;
    let Work { sums, narrow, .. } = &mut buffers.work;
    let wide = numbers16(buffers.keys);
    let (row, spelled) = sums[..2 * width].split_at_mut(width);
    row.fill(0);
    spelled.fill(0);
    weights.front.add_word(word, spelled, row);
    for (bag, &value) in buffers.bag.iter_mut().zip(row.iter()) {
        *bag += value;
    }
    kernel::normalise(row, &mut wide[..width]);
    norm8(&wide[..width], &mut narrow[which * width..][..width]);
}

/// Brings one or two normalised words into the stream as tokens `first` and `first + 1`.
pub(super) fn to_stream(
    weights: &TransformerWeights<'_>,
    first: usize,
    entered: usize,
    buffers: &mut Buffers<'_>,
) {
    let row_width = weights.front.row_width;
    let width = usize::from(weights.config.width);
    let (left, right) = buffers.work.narrow[..2 * row_width].split_at(row_width);
    let right = if entered == 2 { right } else { left };
    let stream = &mut buffers.stream[first * width..][..entered * width];
    let words = &mut buffers.work.words;
    weights
        .input
        .map_two([left, right], words, |feature, outputs| {
            for (which, token) in stream.chunks_exact_mut(width).enumerate() {
                let place = token[feature..].iter_mut().zip(outputs);
                for (at, (place, output)) in place.enumerate() {
                    let position = match &weights.positions {
                        Some(positions) => positions.at(first + which, feature + at),
                        None => 0,
                    };
                    *place = saturate16(output[which] + position);
                }
            }
        });
}

//! The working memory of convolutions.

use crate::encoder::config::{ConvConfig, FrontEnd};
use crate::encoder::kernel::{one_words, two_words};
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};

/// Everything that lives from step to step, and what one step works in.
pub(in crate::encoder) struct Buffers<'s> {
    /// S: from one token of the stream to the next, the larger of R and C.
    pub(super) stride: usize,
    /// `[T, S]`
    pub(super) stream: &'s mut [i16],
    /// What the layer read of the token before the pair, `[S]`: the stream is written over.
    pub(super) before: &'s mut [i8],
    /// Two vectors as matrices read them.
    pub(super) words: &'s mut [i32],
    /// `[2, R]` sums of rows or `[C]` sums of tokens.
    pub(super) sums: &'s mut [i32],
    /// `[P]`
    pub(super) pooled: &'s mut [i16],
    /// What the layer reads of the pair and both its neighbours, `[4, S]`.
    pub(super) inputs: &'s mut [i8],
}

/// Numbers in each buffer.
struct Sizes {
    stride: usize,
    stream: usize,
    words: usize,
    sums: usize,
    pooled: usize,
}

const fn larger(left: usize, right: usize) -> usize {
    if left > right { left } else { right }
}

const fn sizes(config: &ConvConfig, front: &FrontEnd) -> Sizes {
    let (rows, channels) = (front.row_width(), config.channels as usize);
    let stride = larger(rows, channels);
    let pooled = config.pooling.width(channels);
    Sizes {
        stride,
        stream: front.window() as usize * stride,
        words: larger(two_words(3 * stride), one_words(pooled)),
        sums: larger(2 * rows, channels),
        pooled,
    }
}

/// Bytes of the whole.
pub(in crate::encoder) const fn scratch_bytes(config: &ConvConfig, front: &FrontEnd) -> usize {
    let sizes = sizes(config, front);
    4 * (sizes.words + sizes.sums) + 2 * (sizes.stream + sizes.pooled) + 5 * sizes.stride
}

impl<'s> Buffers<'s> {
    /// The same places of `scratch` in every step.
    pub(super) fn of(
        config: &ConvConfig,
        front: &FrontEnd,
        mut scratch: ScratchSlice<'s>,
    ) -> Result<Self, ScratchTooSmall> {
        let sizes = sizes(config, front);
        // From the widest numbers to the narrowest, so that all are aligned.
        Ok(Self {
            stride: sizes.stride,
            words: scratch.take_as_left(sizes.words)?,
            sums: scratch.take_as_left(sizes.sums)?,
            stream: scratch.take_as_left(sizes.stream)?,
            pooled: scratch.take_as_left(sizes.pooled)?,
            before: scratch.take_as_left(sizes.stride)?,
            inputs: scratch.take_as_left(4 * sizes.stride)?,
        })
    }
}

//! The working memory of a transformer in floats.

use crate::encoder::config::{FrontEnd, TransformerConfig};
use crate::encoder::reference::BLOCK;
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};

/// The working memory.
pub(super) struct Buffers<'s> {
    /// Sum of the rows of the window, `[R]`.
    pub(super) bag: &'s mut [f32],
    /// `[T, D]`
    pub(super) stream: &'s mut [f32],
    /// `[T, D]`
    pub(super) keys: &'s mut [f32],
    /// `[T, D]`
    pub(super) values: &'s mut [f32],
    /// What matrices read of a block of tokens, `[B, R]` or `[B, D]`; what attention mixed.
    pub(super) input: &'s mut [f32],
    /// Queries `[B, D]`, hidden activations `[B, F]` or pooled tokens `[P]`.
    pub(super) work: &'s mut [f32],
    /// `[T]`
    pub(super) scores: &'s mut [f32],
    /// A row of a matrix.
    pub(super) row: &'s mut [f32],
}

/// Numbers in each buffer, in their order; stream, keys and values have as many.
const fn sizes(config: &TransformerConfig, front: &FrontEnd) -> [usize; 6] {
    let (window, rows) = (front.window() as usize, front.row_width());
    let (width, hidden) = (config.width as usize, config.hidden as usize);
    let pooled = config.pooling.width(width);
    [
        rows,
        window * width,
        BLOCK * larger(rows, width),
        larger(BLOCK * larger(width, hidden), pooled),
        window,
        larger(larger(rows, pooled), hidden),
    ]
}

const fn larger(left: usize, right: usize) -> usize {
    if left > right { left } else { right }
}

/// Bytes of the whole.
pub(in crate::encoder::reference) const fn scratch_bytes(
    config: &TransformerConfig,
    front: &FrontEnd,
) -> usize {
    let [bag, tokens, input, work, scores, row] = sizes(config, front);
    (bag + 3 * tokens + input + work + scores + row) * size_of::<f32>()
}

impl<'s> Buffers<'s> {
    /// A bag of zeros, and the rest as it is.
    pub(super) fn of(
        config: &TransformerConfig,
        front: &FrontEnd,
        mut scratch: ScratchSlice<'s>,
    ) -> Result<Self, ScratchTooSmall> {
        let [bag, tokens, input, work, scores, row] = sizes(config, front);
        Ok(Self {
            bag: scratch.take(bag)?,
            stream: scratch.take_as_left(tokens)?,
            keys: scratch.take_as_left(tokens)?,
            values: scratch.take_as_left(tokens)?,
            input: scratch.take_as_left(input)?,
            work: scratch.take_as_left(work)?,
            scores: scratch.take_as_left(scores)?,
            row: scratch.take_as_left(row)?,
        })
    }
}

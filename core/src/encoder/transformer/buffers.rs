//! The working memory of a transformer.

use crate::encoder::config::{FrontEnd, TransformerConfig};
use crate::encoder::kernel::{one_words, two_words};
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};

/// Everything that lives from step to step, and what one step works in.
pub(in crate::encoder) struct Buffers<'s> {
    /// Sum of the rows of the window, `[R]`.
    pub(super) bag: &'s mut [i32],
    /// Residual stream, `[T, D]`.
    pub(super) stream: &'s mut [i16],
    /// `[T, D]`; before attention [`row_sums`], after it [`numbers16`], `[P]` and `[D]`, or `[2, R]`.
    pub(super) keys: &'s mut [i8],
    /// `[T, D]`
    pub(super) values: &'s mut [i8],
    pub(super) work: Work<'s>,
}

/// What one step works in.
pub(super) struct Work<'s> {
    /// Two vectors as matrices read them.
    pub(super) words: &'s mut [i32],
    /// `[2, T]` scores of attention or `[D]` sums of tokens.
    pub(super) sums: &'s mut [i32],
    /// `[R]` or `[D]` of each of two tokens: normalised, later mixed.
    pub(super) narrow: &'s mut [i8],
    /// `[F]` or `[D]` of each of two tokens: hidden activations or queries.
    pub(super) hidden: &'s mut [i8],
}

/// Numbers in each buffer of [`Work`].
struct WorkSizes {
    words: usize,
    sums: usize,
    narrow: usize,
    hidden: usize,
}

/// The memory of keys for the sums of two rows, `[2, R]`, and for one in 16 bits, `[R]`.
pub(super) fn row_sums(keys: &mut [i8], row_width: usize) -> (&mut [i32], &mut [i16]) {
    let (sums, rest) = keys.split_at_mut(2 * row_width * size_of::<i32>());
    let narrow = &mut rest[..row_width * size_of::<i16>()];
    (
        bytemuck::cast_slice_mut(sums),
        bytemuck::cast_slice_mut(narrow),
    )
}

/// The memory of keys for wider numbers.
pub(super) fn numbers16(keys: &mut [i8]) -> &mut [i16] {
    bytemuck::cast_slice_mut(keys)
}

const fn larger(left: usize, right: usize) -> usize {
    if left > right { left } else { right }
}

const fn work_sizes(config: &TransformerConfig, front: &FrontEnd) -> WorkSizes {
    let (width, hidden) = (config.width as usize, config.hidden as usize);
    let row_width = front.row_width();
    let pooled = config.pooling.width(width);
    let widest = larger(larger(width, row_width), hidden);
    WorkSizes {
        words: larger(two_words(widest), one_words(pooled)),
        sums: larger(2 * front.window() as usize, width),
        narrow: 2 * larger(row_width, width),
        hidden: 2 * larger(width, hidden),
    }
}

/// Bytes of [`Buffers::keys`].
const fn keys_bytes(config: &TransformerConfig, front: &FrontEnd) -> usize {
    let width = config.width as usize;
    let entering = front.row_width() * (2 * size_of::<i32>() + size_of::<i16>());
    let leaving = (width + config.pooling.width(width)) * size_of::<i16>();
    larger(front.window() as usize * width, larger(entering, leaving))
}

/// Bytes of the whole.
pub(in crate::encoder) const fn scratch_bytes(
    config: &TransformerConfig,
    front: &FrontEnd,
) -> usize {
    let tokens = front.window() as usize * config.width as usize;
    let work = work_sizes(config, front);
    let numbers32 = front.row_width() + work.words + work.sums;
    let numbers8 = keys_bytes(config, front) + tokens + work.narrow + work.hidden;
    4 * numbers32 + 2 * tokens + numbers8
}

impl<'s> Buffers<'s> {
    /// The same places of `scratch` in every step.
    pub(super) fn of(
        config: &TransformerConfig,
        front: &FrontEnd,
        mut scratch: ScratchSlice<'s>,
    ) -> Result<Self, ScratchTooSmall> {
        let tokens = usize::from(front.window()) * usize::from(config.width);
        let work = work_sizes(config, front);
        // From the widest numbers to the narrowest, so that all are aligned.
        let bag = scratch.take_as_left(front.row_width())?;
        let words = scratch.take_as_left(work.words)?;
        let sums = scratch.take_as_left(work.sums)?;
        let stream = scratch.take_as_left(tokens)?;
        Ok(Self {
            bag,
            stream,
            keys: scratch.take_as_left(keys_bytes(config, front))?,
            values: scratch.take_as_left(tokens)?,
            work: Work {
                words,
                sums,
                narrow: scratch.take_as_left(work.narrow)?,
                hidden: scratch.take_as_left(work.hidden)?,
            },
        })
    }
}

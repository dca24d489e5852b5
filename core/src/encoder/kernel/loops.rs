//! What the loops of a kind of processor do.

use super::layout::MatrixFormat;

/// Rows of a matrix, `[O, C]`, a multiple of four of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'m> {
    pub(super) format: MatrixFormat,
    pub(super) columns: usize,
    pub(super) words: &'m [u32],
}

impl<'m> Rows<'m> {
    /// Words of one row.
    #[inline]
    pub(super) fn row_words(&self) -> usize {
        self.columns / self.format.columns_a_word()
    }

    /// How many rows there are.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.words.len() / self.row_words()
    }
}

/// The loops of one kind of processor. All kinds give the same numbers. No function with a loop is
/// inlined, so that the caller's level of optimisation does not reach it.
pub(super) trait Loops {
    /// Brings two vectors `[C]` into the form that `multiply_two` reads; `words` has `C + 4`.
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]);

    /// Brings a vector `[C]` into the form that `multiply_one` reads; `words` has `C / 2 + 4`.
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]);

    /// Both sums of each row.
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]);

    /// The sum of each row.
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]);

    /// See [`bytes::inner_products`](super::bytes::inner_products).
    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2];

    /// See [`bytes::weighted_sums`](super::bytes::weighted_sums).
    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]);

    /// See [`saturate8`](super::saturate8).
    #[inline]
    fn saturate8(value: i32) -> i8 {
        value.clamp(-127, 127) as i8
    }

    /// See [`saturate16`](super::saturate16).
    #[inline]
    fn saturate16(value: i32) -> i16 {
        value.clamp(-32767, 32767) as i16
    }
}

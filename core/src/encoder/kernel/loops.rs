//! What the loops of a kind of processor do.

use super::layout::MatrixFormat;

/// Rows of a matrix, `[O, C]`, a multiple of four of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'m> {
    pub(super) format: MatrixFormat,
    pub(super) columns: usize,
    pub(super) bytes: &'m [u8],
}

impl<'m> Rows<'m> {
    /// How many there are.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.bytes.len() / self.format.bytes(1, self.columns)
    }

    /// The pairs of rows, as bytes.
    #[inline]
    pub(super) fn pairs(&self) -> core::slice::ChunksExact<'m, u8> {
        self.bytes.chunks_exact(self.format.bytes(2, self.columns))
    }

    /// The rows in fours, each as two pairs.
    #[cfg(any(test, not(memt_dsp)))]
    #[inline]
    pub(super) fn fours(&self) -> impl Iterator<Item = [&'m [u8]; 2]> {
        let fours = self.bytes.chunks_exact(self.format.bytes(4, self.columns));
        fours.map(|four| four.split_at(four.len() / 2).into())
    }
}

/// The loops of one kind of processor. All kinds give the same sums.
pub(super) trait Loops {
    /// Brings two vectors `[C]` into the form that `multiply_two` reads; `words` has `C + 4`.
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]);

    /// Brings a vector `[C]` into the form that `multiply_one` reads; `words` has `C / 2 + 4`.
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]);

    /// Both sums of each row.
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]);

    /// The sum of each row.
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]);
}

//! What a processor's loops do: four rows of a matrix by one vector or two.

use super::layout::MatrixFormat;

/// Four rows of a matrix, `[4, C]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quad<'m> {
    pub(super) format: MatrixFormat,
    pub(super) columns: usize,
    pub(super) bytes: &'m [u8],
}

impl<'m> Quad<'m> {
    /// Both pairs of rows.
    #[inline]
    pub(super) fn pairs(&self) -> [&'m [u8]; 2] {
        self.bytes.split_at(self.bytes.len() / 2).into()
    }
}

/// The loops of one kind of processor. All kinds give the same sums.
pub(super) trait FourRows {
    /// Brings two vectors `[C]` into the form that `multiply_two` reads; `words` has `C + 4`.
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]);

    /// Brings a vector `[C]` into the form that `multiply_one` reads; `words` has `C / 2 + 4`.
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]);

    /// Both sums of each row.
    fn multiply_two(quad: &Quad<'_>, words: &[i32]) -> [[i32; 2]; 4];

    /// The sum of each row.
    fn multiply_one(quad: &Quad<'_>, words: &[i32]) -> [i32; 4];
}

//! Matrices times vectors.

use super::Machine;
use super::layout::{COLUMN_MULTIPLE, MAX_COLUMNS, MatrixFormat, ROW_MULTIPLE, unpack};
use super::loops::{Loops, Rows};
use crate::encoder::tensor::Tensor;

/// Rows multiplied before their sums are handed out: the loops are compiled once, apart from what
/// callers do with sums, and this many calls of them are saved.
pub const ROWS_A_TURN: usize = 32;

/// A matrix of weights borrowed from an image, `[O, C]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'m> {
    rows: usize,
    columns: usize,
    format: MatrixFormat,
    words: &'m [u32],
}

impl<'m> Matrix<'m> {
    /// The matrix that `bytes` hold. `None` if they do not begin at a multiple of four or are not as
    /// many as the sizes say, or if those are 0, not multiples of [`ROW_MULTIPLE`] and
    /// [`COLUMN_MULTIPLE`], or beyond [`MAX_COLUMNS`].
    pub fn new(format: MatrixFormat, [rows, columns]: [usize; 2], bytes: &'m [u8]) -> Option<Self> {
        let whole = rows.is_multiple_of(ROW_MULTIPLE) && columns.is_multiple_of(COLUMN_MULTIPLE);
        let within = rows > 0 && (1..=MAX_COLUMNS).contains(&columns);
        let complete = bytes.len() == format.bytes(rows, columns);
        let words = bytemuck::try_cast_slice(bytes).ok()?;
        (whole && within && complete).then_some(Self {
            rows,
            columns,
            format,
            words,
        })
    }

    /// The matrix that a tensor holds; `None` also for tensors of another kind.
    pub fn of(tensor: &Tensor<'m>) -> Option<Self> {
        let format = MatrixFormat::of(tensor.entry.format)?;
        let shape = [tensor.entry.rows as usize, tensor.entry.columns as usize];
        Self::new(format, shape, tensor.bytes)
    }

    /// O: rows.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// C: columns.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// The format of its numbers.
    pub const fn format(&self) -> MatrixFormat {
        self.format
    }

    /// One number.
    ///
    /// # Panics
    /// If there is no such row or column.
    pub fn value(&self, row: usize, column: usize) -> i8 {
        assert!(column < self.columns, "column {column}");
        let columns_a_word = self.format.columns_a_word();
        let row_words = self.columns / columns_a_word;
        let at = (row / 2 * row_words + column / columns_a_word) * 2 + row % 2;
        unpack(self.format, self.words[at], column % columns_a_word)
    }

    /// Copies the numbers of a row `[C]`.
    ///
    /// # Panics
    /// If there is no such row, or not [`Matrix::columns`] places.
    pub fn copy_row(&self, row: usize, numbers: &mut [i8]) {
        assert_eq!(numbers.len(), self.columns);
        let columns_a_word = self.format.columns_a_word();
        let row_words = self.columns / columns_a_word;
        let words = self.words[row / 2 * row_words * 2..][row % 2..].iter();
        let words = words.step_by(2).take(row_words);
        for (numbers, &word) in numbers.chunks_exact_mut(columns_a_word).zip(words) {
            for (column, number) in numbers.iter_mut().enumerate() {
                *number = unpack(self.format, word, column);
            }
        }
    }

    /// Multiplies two vectors and gives the sums of some rows at a time, in order: the number of the
    /// first, and both sums of each.
    ///
    /// `words` come from [`widen_two`] for this format and number of columns.
    #[inline]
    pub fn multiply_two(&self, words: &[i32], turn: impl FnMut(usize, &[[i32; 2]])) {
        self.multiply_two_on::<Machine>(words, turn);
    }

    /// Multiplies one vector and gives the sums of some rows at a time, in order: the number of the
    /// first, and the sum of each. Sums must fit `i32`: for I8 they do up to 511 columns, whatever
    /// the activations.
    ///
    /// `words` come from [`widen_one`] for this format and number of columns.
    #[inline]
    pub fn multiply_one(&self, words: &[i32], turn: impl FnMut(usize, &[i32])) {
        self.multiply_one_on::<Machine>(words, turn);
    }

    #[inline]
    pub(super) fn multiply_two_on<L: Loops>(
        &self,
        words: &[i32],
        mut turn: impl FnMut(usize, &[[i32; 2]]),
    ) {
        let mut sums = [[0; 2]; ROWS_A_TURN];
        for (number, rows) in self.turns().enumerate() {
            let sums = &mut sums[..rows.count()];
            L::multiply_two(&rows, words, sums);
            turn(number * ROWS_A_TURN, sums);
        }
    }

    #[inline]
    pub(super) fn multiply_one_on<L: Loops>(
        &self,
        words: &[i32],
        mut turn: impl FnMut(usize, &[i32]),
    ) {
        let mut sums = [0; ROWS_A_TURN];
        for (number, rows) in self.turns().enumerate() {
            let sums = &mut sums[..rows.count()];
            L::multiply_one(&rows, words, sums);
            turn(number * ROWS_A_TURN, sums);
        }
    }

    #[inline]
    fn turns(&self) -> impl Iterator<Item = Rows<'m>> {
        let (format, columns) = (self.format, self.columns);
        let turns = self.words.chunks(format.bytes(ROWS_A_TURN, columns) / 4);
        turns.map(move |words| Rows {
            format,
            columns,
            words,
        })
    }
}

/// Words of working memory for two widened vectors.
pub const fn two_words(columns: usize) -> usize {
    columns + 4
}

/// Words of working memory for one widened vector.
pub const fn one_words(columns: usize) -> usize {
    columns / 2 + 4
}

/// Brings two vectors `[C]` into the form that [`Matrix::multiply_two`] reads.
///
/// Numbers lie in -127 to 127: a vector with -128 may give other sums on other processors. `words`
/// has [`two_words`].
#[inline]
pub fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
    debug_assert!(inputs.iter().all(|input| !input.contains(&i8::MIN)));
    Machine::widen_two(format, inputs, words);
}

/// Brings a vector `[C]` into the form that [`Matrix::multiply_one`] reads; `words` has
/// [`one_words`].
#[inline]
pub fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
    Machine::widen_one(format, input, words);
}

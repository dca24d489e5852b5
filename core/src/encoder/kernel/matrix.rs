//! Matrices of small integers, stored in pairs of rows.
//!
//! ```text
//! I8  [O/2, C/4, 2 rows, 4 bytes]     byte j: column j of four; even ones offset by 128
//! I4  [O/2, C/8, 2 rows, 4 bytes]     nibble k, from the lowest: column 0 1 4 5 2 3 6 7 of eight;
//!                                     columns 5 and 7 in two's complement, the others offset by 8
//! ```
//!
//! A word of four bytes is little-endian. Its two halves, seen as `i16`, hold the columns that one
//! dual multiplication takes together. The offsets let a loop take fields out by masks alone: what
//! they add is the same for every row and is subtracted once a vector.

use super::super::tensor::{Tensor, TensorFormat};

/// Columns of a matrix come in multiples of this.
pub const COLUMN_MULTIPLE: usize = 16;

/// Rows of a matrix come in multiples of this.
pub const ROW_MULTIPLE: usize = 2;

/// The numbers of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFormat {
    /// -8 to 7.
    I4,
    /// -128 to 127.
    I8,
}

/// The nibble that holds each of eight columns.
const NIBBLE_OF_COLUMN: [usize; 8] = [0, 1, 4, 5, 2, 3, 6, 7];

/// Turns eight nibbles in two's complement into stored ones, and back.
const NIBBLE_OFFSETS: u32 = 0x0888_0888;

impl MatrixFormat {
    /// The format of a matrix tensor; `None` for tensors of another kind.
    pub const fn of(format: TensorFormat) -> Option<Self> {
        match format {
            TensorFormat::PairedI4 => Some(Self::I4),
            TensorFormat::PairedI8 => Some(Self::I8),
            _ => None,
        }
    }

    /// Columns in a word.
    const fn columns_a_word(self) -> usize {
        match self {
            Self::I4 => 8,
            Self::I8 => 4,
        }
    }

    /// Bytes of a matrix of `rows` x `columns`.
    pub const fn bytes(self, rows: usize, columns: usize) -> usize {
        rows * columns / self.columns_a_word() * 4
    }
}

/// A matrix of weights borrowed from an image, `[O, C]`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'m> {
    rows: usize,
    columns: usize,
    format: MatrixFormat,
    bytes: &'m [u8],
}

impl<'m> Matrix<'m> {
    /// The matrix that `bytes` hold, which begin at a multiple of four; `None` if the sizes are not
    /// multiples of [`ROW_MULTIPLE`] and [`COLUMN_MULTIPLE`], or the bytes not as many as they say.
    pub fn new(format: MatrixFormat, [rows, columns]: [usize; 2], bytes: &'m [u8]) -> Option<Self> {
        let whole = rows.is_multiple_of(ROW_MULTIPLE) && columns.is_multiple_of(COLUMN_MULTIPLE);
        let aligned = (bytes.as_ptr() as usize).is_multiple_of(4);
        let complete = bytes.len() == format.bytes(rows, columns);
        (whole && aligned && complete).then_some(Self {
            rows,
            columns,
            format,
            bytes,
        })
    }

    /// The matrix that a tensor holds; `None` for tensors of another kind.
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
        let words = self.columns / columns_a_word;
        let at = 4 * ((row / 2 * words + column / columns_a_word) * 2 + row % 2);
        let word = &self.bytes[at..at + 4];
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        unpack(self.format, word, column % columns_a_word)
    }

    /// Multiplies two vectors and gives each row, in order, with both sums.
    ///
    /// `words` come from [`widen_two`] for this format and number of columns.
    #[inline]
    pub fn multiply_two(&self, words: &[i32], mut each: impl FnMut(usize, [i32; 2])) {
        let (first, second) = words[..self.columns].split_at(self.columns / 2);
        for row in 0..self.rows {
            each(row, [self.dot(row, first), self.dot(row, second)]);
        }
    }

    /// Multiplies one vector and gives each row, in order, with its sum.
    ///
    /// `words` come from [`widen_one`] for this format and number of columns. Sums must fit `i32`:
    /// for I8 up to 511 columns they do, whatever the activations.
    #[inline]
    pub fn multiply_one(&self, words: &[i32], mut each: impl FnMut(usize, i32)) {
        for row in 0..self.rows {
            each(row, self.dot(row, words));
        }
    }

    fn dot(&self, row: usize, words: &[i32]) -> i32 {
        let lanes = words[..self.columns / 2]
            .iter()
            .flat_map(|&word| [word as i16, (word >> 16) as i16]);
        lanes
            .enumerate()
            .map(|(column, lane)| i32::from(self.value(row, column)) * i32::from(lane))
            .sum()
    }
}

fn unpack(format: MatrixFormat, word: u32, column: usize) -> i8 {
    match format {
        MatrixFormat::I4 => {
            let nibble = (word ^ NIBBLE_OFFSETS) >> (4 * NIBBLE_OF_COLUMN[column]);
            ((nibble << 4) as i8) >> 4
        }
        MatrixFormat::I8 => ((word ^ 0x0080_0080) >> (8 * column)) as i8,
    }
}

/// The bytes of a matrix whose `values` `[O, C]` lie row by row.
///
/// # Panics
/// If `out` has not [`MatrixFormat::bytes`] or the sizes are not multiples of [`ROW_MULTIPLE`] and
/// [`COLUMN_MULTIPLE`].
pub fn pack(format: MatrixFormat, columns: usize, values: &[i8], out: &mut [u8]) {
    let rows = values.len() / columns;
    assert!(columns.is_multiple_of(COLUMN_MULTIPLE), "{columns} columns");
    assert!(rows.is_multiple_of(ROW_MULTIPLE), "{rows} rows");
    assert_eq!(out.len(), format.bytes(rows, columns));
    let width = format.columns_a_word();
    let words = values.chunks_exact(2 * columns).flat_map(|pair| {
        let (first, second) = pair.split_at(columns);
        let (first, second) = (first.chunks_exact(width), second.chunks_exact(width));
        first.zip(second).flat_map(<[&[i8]; 2]>::from)
    });
    for (out, values) in out.chunks_exact_mut(4).zip(words) {
        out.copy_from_slice(&pack_word(format, values).to_le_bytes());
    }
}

fn pack_word(format: MatrixFormat, values: &[i8]) -> u32 {
    let fields = values.iter().enumerate();
    match format {
        MatrixFormat::I4 => fields.fold(NIBBLE_OFFSETS, |word, (column, &value)| {
            word ^ ((value as u32 & 15) << (4 * NIBBLE_OF_COLUMN[column]))
        }),
        MatrixFormat::I8 => fields.fold(0x0080_0080, |word, (column, &value)| {
            word ^ (u32::from(value as u8) << (8 * column))
        }),
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

/// Brings two vectors `[C]` into the form that [`Matrix::multiply_two`] reads. Numbers from -127 to
/// 127; `words` has [`two_words`].
pub fn widen_two(_format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
    let half = inputs[0].len() / 2;
    for (input, words) in inputs.into_iter().zip(words.chunks_exact_mut(half)) {
        for (word, pair) in words.iter_mut().zip(input.chunks_exact(2)) {
            *word = lanes(pair[0].into(), pair[1].into());
        }
    }
}

/// Brings a vector `[C]` into the form that [`Matrix::multiply_one`] reads; `words` has
/// [`one_words`].
pub fn widen_one(_format: MatrixFormat, input: &[i16], words: &mut [i32]) {
    for (word, pair) in words.iter_mut().zip(input.chunks_exact(2)) {
        *word = lanes(pair[0], pair[1]);
    }
}

fn lanes(low: i16, high: i16) -> i32 {
    i32::from(low as u16) | (i32::from(high) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    const SHAPES: [[usize; 2]; 6] = [[2, 16], [4, 32], [6, 48], [128, 256], [2, 512], [10, 1024]];

    struct Random(u32);

    impl Random {
        fn below(&mut self, bound: i32) -> i32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 17;
            self.0 ^= self.0 << 5;
            (self.0 % bound as u32) as i32
        }

        fn within(&mut self, limit: i32) -> i32 {
            self.below(2 * limit + 1) - limit
        }
    }

    fn packed(format: MatrixFormat, columns: usize, values: &[i8]) -> Vec<u32> {
        let mut words = vec![0; format.bytes(values.len() / columns, columns) / 4];
        pack(
            format,
            columns,
            values,
            bytemuck::cast_slice_mut(&mut words),
        );
        words
    }

    fn weights(format: MatrixFormat, count: usize, random: &mut Random) -> Vec<i8> {
        let (lowest, span) = match format {
            MatrixFormat::I4 => (-8, 16),
            MatrixFormat::I8 => (-128, 256),
        };
        let mut weight = || (lowest + random.below(span)) as i8;
        (0..count).map(|_| weight()).collect()
    }

    /// The product by its definition.
    fn product<X: Copy + Into<i32>>(values: &[i8], input: &[X]) -> Vec<i32> {
        let dot = |row: &[i8]| {
            let products = row
                .iter()
                .zip(input)
                .map(|(&w, &x)| i32::from(w) * x.into());
            products.sum()
        };
        values.chunks_exact(input.len()).map(dot).collect()
    }

    fn check(format: MatrixFormat, shape: [usize; 2], values: &[i8], limit: i32) {
        let [rows, columns] = shape;
        let words = packed(format, columns, values);
        let matrix = Matrix::new(format, shape, bytemuck::cast_slice(&words)).unwrap();
        for row in 0..rows {
            for column in 0..columns {
                assert_eq!(matrix.value(row, column), values[row * columns + column]);
            }
        }
        let mut random = Random(columns as u32);
        let mut input = || -> Vec<i8> {
            (0..columns)
                .map(|_| match limit {
                    0 => [-127, 127][random.below(2) as usize],
                    limit => random.within(limit) as i8,
                })
                .collect()
        };
        let inputs = [input(), input()];
        let mut widened = vec![-1; two_words(columns)];
        widen_two(format, [&inputs[0], &inputs[1]], &mut widened);
        let mut sums = [vec![], vec![]];
        matrix.multiply_two(&widened, |row, [first, second]| {
            assert_eq!(row, sums[0].len());
            sums[0].push(first);
            sums[1].push(second);
        });
        assert_eq!(sums, inputs.map(|input| product(values, &input)));

        let largest = (i32::MAX / (128 * columns as i32)).min(32767);
        let input: Vec<i16> = (0..columns)
            .map(|_| random.within(largest) as i16)
            .collect();
        let mut widened = vec![-1; one_words(columns)];
        widen_one(format, &input, &mut widened);
        let mut sums = vec![];
        matrix.multiply_one(&widened, |row, sum| {
            assert_eq!(row, sums.len());
            sums.push(sum);
        });
        assert_eq!(sums, product(values, &input));
    }

    #[test]
    fn products_are_those_of_the_definition() {
        let mut random = Random(7);
        for format in [MatrixFormat::I4, MatrixFormat::I8] {
            for shape in SHAPES {
                let values = weights(format, shape[0] * shape[1], &mut random);
                check(format, shape, &values, 127);
                check(format, shape, &values, 0);
            }
        }
    }

    #[test]
    fn largest_sums_fit() {
        for (format, lowest) in [(MatrixFormat::I4, -8), (MatrixFormat::I8, -128)] {
            for columns in [512, 1024] {
                let words = packed(format, columns, &vec![lowest; 2 * columns]);
                let bytes = bytemuck::cast_slice(&words);
                let matrix = Matrix::new(format, [2, columns], bytes).unwrap();
                let inputs = [vec![127; columns], vec![-127; columns]];
                let mut widened = vec![0; two_words(columns)];
                widen_two(format, [&inputs[0], &inputs[1]], &mut widened);
                let largest = i32::from(lowest) * 127 * columns as i32;
                matrix.multiply_two(&widened, |_, sums| assert_eq!(sums, [largest, -largest]));
            }
        }
    }

    #[test]
    fn sizes_are_checked() {
        let words = [0_u32; 64];
        let bytes = bytemuck::cast_slice(&words);
        let i4 = |shape, bytes| Matrix::new(MatrixFormat::I4, shape, bytes);
        assert!(i4([2, 16], &bytes[..16]).is_some());
        assert!(i4([2, 16], &bytes[..20]).is_none());
        assert!(i4([2, 16], &bytes[1..17]).is_none());
        assert!(i4([2, 8], &bytes[..8]).is_none());
        assert!(i4([1, 16], &bytes[..8]).is_none());
    }
}

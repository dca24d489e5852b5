//! How a matrix lies in memory: in pairs of rows, the words of both taking turns.
//!
//! ```text
//! I8  [O/2, C/4, 2 rows, 4 bytes]     byte j: column j of four; even ones offset by 128
//! I4  [O/2, C/8, 2 rows, 4 bytes]     nibble k, from the lowest: column 0 1 4 5 2 3 6 7 of eight;
//!                                     columns 5 and 7 in two's complement, the others offset by 8
//! ```
//!
//! A word of four bytes is little-endian. Its halves, seen as `i16`, hold columns that a processor
//! with dual multiplications takes together. The offsets let a loop take fields out by masks alone:
//! what they add is the same for every row and is subtracted once a vector.

use super::super::tensor::TensorFormat;

/// Columns of a matrix come in multiples of this.
pub const COLUMN_MULTIPLE: usize = 32;

/// Rows of a matrix come in multiples of this.
pub const ROW_MULTIPLE: usize = 4;

/// Most columns: 127 x 127 x 1024 is below 2^24, so that single-precision floats can compute the
/// same sums.
pub const MAX_COLUMNS: usize = 1024;

/// The numbers of a matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixFormat {
    /// -8 to 7.
    I4,
    /// -128 to 127.
    I8,
}

/// The column that each nibble of a word holds; the same table says which nibble holds a column.
pub(super) const COLUMN_OF_NIBBLE: [usize; 8] = [0, 1, 4, 5, 2, 3, 6, 7];

/// Exclusive or with it turns stored nibbles into two's complement, and back.
pub(super) const NIBBLE_OFFSETS: u32 = 0x0888_0888;

/// The same for bytes.
pub(super) const BYTE_OFFSETS: u32 = 0x0080_0080;

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
    pub(super) const fn columns_a_word(self) -> usize {
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

/// Writes the bytes of a matrix whose `values` `[O, C]` lie row by row.
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
            word ^ ((value as u32 & 15) << (4 * COLUMN_OF_NIBBLE[column]))
        }),
        MatrixFormat::I8 => fields.fold(BYTE_OFFSETS, |word, (column, &value)| {
            word ^ (u32::from(value as u8) << (8 * column))
        }),
    }
}

/// Number `column` of a word as it lies in memory.
pub(super) fn unpack(format: MatrixFormat, word: u32, column: usize) -> i8 {
    let word = u32::from_le(word);
    match format {
        MatrixFormat::I4 => {
            let nibble = (word ^ NIBBLE_OFFSETS) >> (4 * COLUMN_OF_NIBBLE[column]);
            ((nibble << 4) as i8) >> 4
        }
        MatrixFormat::I8 => ((word ^ BYTE_OFFSETS) >> (8 * column)) as i8,
    }
}

/// Two numbers in one word.
#[cfg(any(test, not(any(memt_dsp, memt_vectors))))]
#[inline]
pub(super) const fn lanes(low: i16, high: i16) -> i32 {
    low as u16 as i32 | ((high as i32) << 16)
}

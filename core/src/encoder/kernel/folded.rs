//! Processors with one multiplier and no vectors: Cortex-M0 and M3, RISC-V.
//!
//! For nibbles one multiplication serves two vectors: a word holds `x0 + 2^16 x1`, so that its
//! products with weights sum to both sums of products, each below 2^15 over [`SPAN_COLUMNS`], after
//! which they are taken apart.

use super::bytes::{one_by_one, weighted_sums_in_registers};
use super::layout::{BYTE_OFFSETS, COLUMN_OF_NIBBLE, MatrixFormat, NIBBLE_OFFSETS, lanes};
use super::loops::{Loops, Rows};

/// 8 x 127 x 32 is below 2^15.
const SPAN_COLUMNS: usize = 32;

/// The processor's loops.
pub(super) enum Folded {}

impl Loops for Folded {
    #[inline(never)]
    fn widen_two(format: MatrixFormat, [first, second]: [&[i8]; 2], words: &mut [i32]) {
        let inputs = first
            .as_chunks::<8>()
            .0
            .iter()
            .zip(second.as_chunks::<8>().0);
        for (words, (first, second)) in words.as_chunks_mut::<8>().0.iter_mut().zip(inputs) {
            for (at, word) in words.iter_mut().enumerate() {
                *word = match format {
                    MatrixFormat::I4 => {
                        let column = COLUMN_OF_NIBBLE[at];
                        i32::from(first[column]) + (i32::from(second[column]) << 16)
                    }
                    MatrixFormat::I8 => lanes(first[at].into(), second[at].into()),
                };
            }
        }
    }

    #[inline(never)]
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let order = match format {
            MatrixFormat::I4 => COLUMN_OF_NIBBLE,
            MatrixFormat::I8 => [0, 1, 2, 3, 4, 5, 6, 7],
        };
        let inputs = input.as_chunks::<8>().0;
        for (words, input) in words.as_chunks_mut::<4>().0.iter_mut().zip(inputs) {
            let [a, b, c, d, e, f, g, h] = order.map(|column| input[column]);
            *words = [lanes(a, b), lanes(c, d), lanes(e, f), lanes(g, h)];
        }
    }

    #[inline]
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let words = &words[..rows.columns];
        match rows.format {
            MatrixFormat::I4 => multiply_two_i4(rows, words, sums),
            MatrixFormat::I8 => multiply_two_i8(rows, words, sums),
        }
    }

    #[inline]
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let words = &words[..rows.columns / 2];
        match rows.format {
            MatrixFormat::I4 => multiply_one_i4(rows, words, sums),
            MatrixFormat::I8 => multiply_one_i8(rows, words, sums),
        }
    }

    #[inline(never)]
    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
        one_by_one(left, right)
    }

    #[inline(never)]
    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
        weighted_sums_in_registers(weights, rows, stride, sums);
    }
}

#[inline(never)]
fn multiply_two_i4(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
    let words = words.as_chunks::<SPAN_COLUMNS>().0;
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    for (pair, sums) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        let spans = pair.as_chunks::<{ SPAN_COLUMNS / 4 }>().0;
        for (row, sums) in sums.chunks_exact_mut(ROWS_TOGETHER).enumerate() {
            sums.copy_from_slice(&fold_rows(words, spans, row));
        }
    }
}

/// How many rows are multiplied at once. A row needs its sums, its word and a place in the weights: the
/// registers of Cortex-M0 and M3 hold one row beside the inputs, where more would be spilt; the 31 of RISC-V
/// two.
const ROWS_TOGETHER: usize = if cfg!(target_arch = "riscv32") { 2 } else { 1 };

#[inline(never)]
fn fold_rows(
    words: &[[i32; SPAN_COLUMNS]],
    spans: &[[u32; SPAN_COLUMNS / 4]],
    row: usize,
) -> [[i32; 2]; ROWS_TOGETHER] {
    let mut sums = [[0; 2]; ROWS_TOGETHER];
    for (x, weights) in words.iter().zip(spans) {
        let mut folded = [0; ROWS_TOGETHER];
        for (x, weights) in x.as_chunks::<8>().0.iter().zip(weights.as_chunks::<2>().0) {
            for (below, folded) in folded.iter_mut().enumerate() {
                let word = u32::from_le(weights[(row + below) % 2]) ^ NIBBLE_OFFSETS;
                for (field, x) in x.iter().enumerate() {
                    *folded += nibble(word, field) * x;
                }
            }
        }
        for (sums, folded) in sums.iter_mut().zip(folded) {
            sums[0] += i32::from(folded as i16);
            sums[1] += (folded + (1 << 15)) >> 16;
        }
    }
    sums
}

#[inline(never)]
fn multiply_two_i8(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
    let words = words.as_chunks::<4>().0;
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    for (pair, out) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        let mut sums = [[0; 2]; 2];
        for (x, weights) in words.iter().zip(pair.as_chunks::<2>().0) {
            let words = weights.map(|word| u32::from_le(word) ^ BYTE_OFFSETS);
            for (field, &x) in x.iter().enumerate() {
                for (sums, word) in sums.iter_mut().zip(words) {
                    sums[0] += byte(word, field) * low(x);
                    sums[1] += byte(word, field) * high(x);
                }
            }
        }
        *out = sums;
    }
}

#[inline(never)]
fn multiply_one_i4(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
    let words = words.as_chunks::<4>().0;
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    for (pair, out) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        let mut sums = [0; 2];
        for (x, weights) in words.iter().zip(pair.as_chunks::<2>().0) {
            let words = weights.map(|word| u32::from_le(word) ^ NIBBLE_OFFSETS);
            for (field, &x) in x.iter().enumerate() {
                for (sum, word) in sums.iter_mut().zip(words) {
                    *sum += nibble(word, 2 * field) * low(x);
                    *sum += nibble(word, 2 * field + 1) * high(x);
                }
            }
        }
        *out = sums;
    }
}

#[inline(never)]
fn multiply_one_i8(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
    let words = words.as_chunks::<2>().0;
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    for (pair, out) in pairs.zip(sums.as_chunks_mut::<2>().0) {
        let mut sums = [0; 2];
        for (x, weights) in words.iter().zip(pair.as_chunks::<2>().0) {
            let words = weights.map(|word| u32::from_le(word) ^ BYTE_OFFSETS);
            for (field, &x) in x.iter().enumerate() {
                for (sum, word) in sums.iter_mut().zip(words) {
                    *sum += byte(word, 2 * field) * low(x);
                    *sum += byte(word, 2 * field + 1) * high(x);
                }
            }
        }
        *out = sums;
    }
}

#[inline]
fn nibble(word: u32, field: usize) -> i32 {
    ((word << (28 - 4 * field)) as i32) >> 28
}

#[inline]
fn byte(word: u32, field: usize) -> i32 {
    ((word << (24 - 8 * field)) as i32) >> 24
}

#[inline]
fn low(lanes: i32) -> i32 {
    i32::from(lanes as i16)
}

#[inline]
fn high(lanes: i32) -> i32 {
    lanes >> 16
}

//! Processors with vectors of 128 bits.
//!
//! Four words of a row, at times apart, are taken apart as eight halves, each of which meets the
//! activation of its own column.

use super::layout::{COLUMN_OF_NIBBLE, MatrixFormat};
use super::loops::{Loops, Rows};
use super::processor::vector::{Halves, add_products, field, halves, signed_field, total, zero};

/// The processor's loops.
pub(super) enum Vectors {}

impl Loops for Vectors {
    #[inline(never)]
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let columns = inputs[0].len();
        let (lanes, starts) = words.split_at_mut(columns);
        let lanes = lanes.chunks_exact_mut(columns / 2);
        for ((input, lanes), start) in inputs.into_iter().zip(lanes).zip(starts) {
            *start = widen(format, input, lanes);
        }
    }

    #[inline(never)]
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let (lanes, starts) = words.split_at_mut(input.len() / 2);
        starts[0] = widen(format, input, lanes);
    }

    #[inline(never)]
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let (lanes, starts) = words.split_at(rows.columns);
        let (first, second) = lanes.split_at(rows.columns / 2);
        for (pair, sums) in pairs(rows).zip(sums.as_chunks_mut::<2>().0) {
            let products = match rows.format {
                MatrixFormat::I4 => products(pair, [first, second], nibbles),
                MatrixFormat::I8 => products(pair, [first, second], bytes),
            };
            *sums = products.map(|[first, second]| [first + starts[0], second + starts[1]]);
        }
    }

    #[inline(never)]
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let (lanes, starts) = words.split_at(rows.columns / 2);
        for (pair, sums) in pairs(rows).zip(sums.as_chunks_mut::<2>().0) {
            let products = match rows.format {
                MatrixFormat::I4 => products(pair, [lanes], nibbles),
                MatrixFormat::I8 => products(pair, [lanes], bytes),
            };
            *sums = products.map(|[sum]| sum + starts[0]);
        }
    }

    #[inline(never)]
    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
        inner_products(left, right)
    }

    #[inline(never)]
    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
        weighted_sums(weights, rows, stride, sums);
    }
}

/// The compiler makes vectors of this, as wide as those of the caller.
#[inline(always)]
pub(super) fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
    left.map(|left| {
        right.map(|right| {
            let products = left.iter().zip(right);
            products.map(|(&a, &b)| i32::from(a) * i32::from(b)).sum()
        })
    })
}

/// As [`inner_products`].
#[inline(always)]
pub(super) fn weighted_sums(
    weights: [&[i32]; 2],
    rows: &[i8],
    stride: usize,
    sums: &mut [[i32; 2]],
) {
    for (block, sums) in sums.chunks_mut(COLUMNS_A_BLOCK).enumerate() {
        let mut both = [[0; COLUMNS_A_BLOCK]; 2];
        for (both, weights) in both.iter_mut().zip(weights) {
            let rows = rows[block * COLUMNS_A_BLOCK..].chunks(stride);
            for (row, &weight) in rows.zip(weights) {
                for (sum, &number) in both[..sums.len()].iter_mut().zip(row) {
                    *sum += weight * i32::from(number);
                }
            }
        }
        for (column, sums) in sums.iter_mut().enumerate() {
            *sums = [both[0][column], both[1][column]];
        }
    }
}

/// Columns of weighted sums under way at once.
const COLUMNS_A_BLOCK: usize = 32;

/// Blocks of each pair of rows: four words of both, in turns.
fn pairs<'m>(rows: &Rows<'m>) -> impl Iterator<Item = &'m [[u32; 8]]> {
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    pairs.map(|pair| pair.as_chunks::<8>().0)
}

/// Writes the activations in the order `[block, field, word of the block, half]`; gives what undoes
/// the offsets of the weights.
fn widen<X: Copy + Into<i16>>(format: MatrixFormat, input: &[X], lanes: &mut [i32]) -> i32 {
    let halves = bytemuck::cast_slice_mut(lanes);
    match format {
        MatrixFormat::I4 => -8 * widen_fields::<X, 4>(input, halves, COLUMN_OF_NIBBLE),
        MatrixFormat::I8 => -128 * widen_fields::<X, 2>(input, halves, [0, 1, 2, 3]),
    }
}

/// `column` says which of the columns of a word each of its fields holds, those of the low half
/// first. Gives the sum of the activations that meet offset weights: all but the last field's.
fn widen_fields<X: Copy + Into<i16>, const FIELDS: usize>(
    input: &[X],
    halves: &mut [i16],
    column: impl core::ops::Index<usize, Output = usize>,
) -> i32 {
    let mut sum = 0;
    let blocks = halves.chunks_exact_mut(8 * FIELDS);
    for (block, input) in blocks.zip(input.chunks_exact(8 * FIELDS)) {
        for (field, halves) in block.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let words = halves.as_chunks_mut::<2>().0.iter_mut();
            for ([low, high], word) in words.zip(input.chunks_exact(2 * FIELDS)) {
                *low = word[column[field]].into();
                *high = word[column[field + FIELDS]].into();
                if field + 1 < FIELDS {
                    sum += i32::from(*low) + i32::from(*high);
                }
            }
        }
    }
    sum
}

/// The fields of four words of nibbles.
#[inline(always)]
fn nibbles(words: Halves) -> [Halves; 4] {
    [
        field::<0>(words, 15),
        field::<4>(words, 15),
        field::<8>(words, 15),
        signed_field::<12>(words),
    ]
}

/// The fields of four words of bytes.
#[inline(always)]
fn bytes(words: Halves) -> [Halves; 2] {
    [field::<0>(words, 255), signed_field::<8>(words)]
}

/// Both rows of a pair by each vector.
#[inline(always)]
fn products<const FIELDS: usize, const VECTORS: usize>(
    pair: &[[u32; 8]],
    vectors: [&[i32]; VECTORS],
    fields: impl Fn(Halves) -> [Halves; FIELDS],
) -> [[i32; VECTORS]; 2] {
    let vectors = vectors.map(|lanes| lanes.as_chunks::<4>().0);
    let vectors = vectors.map(|lanes| lanes.as_chunks::<FIELDS>().0);
    let mut sums = [[zero(); VECTORS]; 2];
    for (block, words) in pair.iter().enumerate() {
        let [a, b, c, d, e, f, g, h] = words.map(|word| u32::from_le(word) as i32);
        for (sums, words) in sums.iter_mut().zip([[a, c, e, g], [b, d, f, h]]) {
            let weights = fields(halves(words));
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                for (weights, x) in weights.into_iter().zip(vector[block]) {
                    *sum = add_products(*sum, weights, halves(x));
                }
            }
        }
    }
    sums.map(|sums| sums.map(total))
}

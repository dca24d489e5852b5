//! Processors with vectors of 128 bits: x86-64, AArch64. Written with arrays of that width, which
//! the compiler turns into vectors; no feature beyond the baseline is assumed.
//!
//! A block of four words a row is taken apart as eight halves at a time, each of which meets the
//! activation of its own column; neighbouring products are added first, as `PMADDWD` does.

use super::layout::{COLUMN_OF_NIBBLE, MatrixFormat};
use super::loops::{Loops, Rows};
use bytemuck::cast;

/// Halves of a vector.
type Halves = [i16; 8];

/// Sums of neighbouring products.
type Sums = [i32; 4];

/// The processor's loops.
pub(super) enum Vectors {}

impl Loops for Vectors {
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let columns = inputs[0].len();
        let (lanes, starts) = words.split_at_mut(columns);
        let lanes = lanes.chunks_exact_mut(columns / 2);
        for ((input, lanes), start) in inputs.into_iter().zip(lanes).zip(starts) {
            *start = widen(format, input, lanes);
        }
    }

    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let (lanes, starts) = words.split_at_mut(input.len() / 2);
        starts[0] = widen(format, input, lanes);
    }

    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let (lanes, starts) = words.split_at(rows.columns);
        let (first, second) = lanes.split_at(rows.columns / 2);
        let (first, second) = (as_halves(first), as_halves(second));
        for (pair, sums) in pairs(rows).zip(sums.as_chunks_mut::<2>().0) {
            let products = match rows.format {
                MatrixFormat::I4 => products::<4, 2>(pair, [first, second], nibbles),
                MatrixFormat::I8 => products::<2, 2>(pair, [first, second], bytes),
            };
            *sums = products.map(|[a, b]| [a + starts[0], b + starts[1]]);
        }
    }

    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let (lanes, starts) = words.split_at(rows.columns / 2);
        let lanes = as_halves(lanes);
        for (pair, sums) in pairs(rows).zip(sums.as_chunks_mut::<2>().0) {
            let products = match rows.format {
                MatrixFormat::I4 => products::<4, 1>(pair, [lanes], nibbles),
                MatrixFormat::I8 => products::<2, 1>(pair, [lanes], bytes),
            };
            *sums = products.map(|[a]| a + starts[0]);
        }
    }
}

/// Blocks of a pair of rows: four words of each, in turns.
fn pairs<'m>(rows: &Rows<'m>) -> impl Iterator<Item = &'m [[u32; 8]]> {
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    pairs.map(|pair| pair.as_chunks::<8>().0)
}

fn as_halves(words: &[i32]) -> &[Halves] {
    bytemuck::cast_slice::<_, i16>(words).as_chunks().0
}

/// Writes the activations in the order `[block, field, word of the block, half]`; gives what undoes
/// the offsets of the weights.
fn widen<X: Copy + Into<i16>>(format: MatrixFormat, input: &[X], words: &mut [i32]) -> i32 {
    let halves = bytemuck::cast_slice_mut::<_, i16>(words)
        .as_chunks_mut::<8>()
        .0;
    let mut sum = 0;
    match format {
        MatrixFormat::I4 => {
            for (halves, input) in halves
                .as_chunks_mut::<4>()
                .0
                .iter_mut()
                .zip(input.as_chunks::<32>().0)
            {
                for (field, halves) in halves.iter_mut().enumerate() {
                    for (at, half) in halves.iter_mut().enumerate() {
                        let column = COLUMN_OF_NIBBLE[field + 4 * (at % 2)];
                        *half = input[8 * (at / 2) + column].into();
                        if field < 3 {
                            sum += i32::from(*half);
                        }
                    }
                }
            }
            -8 * sum
        }
        MatrixFormat::I8 => {
            for (halves, input) in halves
                .as_chunks_mut::<2>()
                .0
                .iter_mut()
                .zip(input.as_chunks::<16>().0)
            {
                for (field, halves) in halves.iter_mut().enumerate() {
                    for (at, half) in halves.iter_mut().enumerate() {
                        *half = input[4 * (at / 2) + field + 2 * (at % 2)].into();
                        if field == 0 {
                            sum += i32::from(*half);
                        }
                    }
                }
            }
            -128 * sum
        }
    }
}

/// The fields of four words of nibbles.
#[inline(always)]
fn nibbles(words: [u32; 4]) -> [Halves; 4] {
    let halves: [u16; 8] = cast(words.map(u32::from_le));
    let signed: [i16; 8] = cast(halves);
    [
        halves.map(|half| (half & 15) as i16),
        halves.map(|half| ((half >> 4) & 15) as i16),
        halves.map(|half| ((half >> 8) & 15) as i16),
        signed.map(|half| half >> 12),
    ]
}

/// The fields of four words of bytes.
#[inline(always)]
fn bytes(words: [u32; 4]) -> [Halves; 2] {
    let halves: [i16; 8] = cast(words.map(u32::from_le));
    [halves.map(|half| half & 0xff), halves.map(|half| half >> 8)]
}

/// Both rows of a pair by each vector.
#[inline(always)]
fn products<const FIELDS: usize, const VECTORS: usize>(
    pair: &[[u32; 8]],
    vectors: [&[Halves]; VECTORS],
    fields: impl Fn([u32; 4]) -> [Halves; FIELDS],
) -> [[i32; VECTORS]; 2] {
    let mut sums = [[[0; 4]; VECTORS]; 2];
    for (block, words) in pair.iter().enumerate() {
        let &[a, b, c, d, e, f, g, h] = words;
        for (sums, words) in sums.iter_mut().zip([[a, c, e, g], [b, d, f, h]]) {
            let fields = fields(words);
            for (sums, vector) in sums.iter_mut().zip(vectors) {
                let x = &vector[FIELDS * block..FIELDS * (block + 1)];
                for (weights, x) in fields.iter().zip(x) {
                    add_products(sums, weights, x);
                }
            }
        }
    }
    sums.map(|sums| sums.map(|sums| sums.into_iter().sum()))
}

#[inline(always)]
fn add_products(sums: &mut Sums, weights: &Halves, x: &Halves) {
    let product = |at: usize| i32::from(weights[at]) * i32::from(x[at]);
    for (at, sum) in sums.iter_mut().enumerate() {
        *sum += product(2 * at) + product(2 * at + 1);
    }
}

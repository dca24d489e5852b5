//! ARMv7E-M, and ARMv8-M with the DSP extension: `SMLAD` adds two products of `i16` to an `i32`.
//!
//! Two vectors share each unpacked weight, and some weights are never unpacked: a half of a word
//! taken whole is a sum of all its fields at different scales, and the activations are combined so
//! that what the fields add beside their own product cancels.
//!
//! ```text
//! I8  half h = 256 w1 + w0                      scale 2^8
//!     h x1 + w0 (256 x0 - x1)                   = 256 (w0 x0 + w1 x1)
//! I4  half h = 4096 w3 + 256 w2 + 16 w1 + w0    scale 2^12
//!     h x3 + 256 w2 (16 x2 - x3) + (16 w1 + w0) (256 x1 - x3) + 256 w0 (16 x0 - x1)
//!                                               = 4096 (w0 x0 + w1 x1 + w2 x2 + w3 x3)
//! ```
//!
//! Activations from -127 to 127 leave every combination within `i16`. Sums are exact modulo 2^32
//! and below 2^31 after [`BLOCK_COLUMNS`], where the scale is shifted out. One vector of `i16` has
//! no room for combinations: every weight is unpacked.

mod combine;
mod instructions;
mod multiply_one;
mod multiply_two;

use super::super::bytes::{one_by_one, weighted_sums_in_registers};
use super::super::layout::MatrixFormat;
use super::super::loops::{Loops, Rows};
use combine::{combine_i4, combine_i8};
use instructions::{add_both, add_high_product, add_low_product, add_products, even, odd, word};
use multiply_one::{multiply_one_i4, multiply_one_i8};
use multiply_two::{multiply_two_i4, multiply_two_i8};

/// 8 x 127 x 512 x 2^12 and 128 x 127 x 512 x 2^8 are below 2^31.
const BLOCK_COLUMNS: usize = 512;

/// What the offset of a weight adds to a scaled sum for each unit of its activation: 8 x 2^12 or
/// 128 x 2^8.
const SCALED_OFFSET: i32 = 1 << 15;

/// The processor's loops.
pub(in super::super) enum Dsp {}

impl Loops for Dsp {
    #[inline(never)]
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let [first, second] = inputs;
        let (lanes, starts) = words.split_at_mut(first.len());
        let blocks = first
            .chunks(BLOCK_COLUMNS)
            .zip(second.chunks(BLOCK_COLUMNS));
        let words = lanes.chunks_mut(BLOCK_COLUMNS);
        for ((block, lanes), starts) in blocks.zip(words).zip(starts.chunks_exact_mut(2)) {
            let offsets = match format {
                MatrixFormat::I4 => combine_i4(block, lanes),
                MatrixFormat::I8 => combine_i8(block, lanes),
            };
            starts.copy_from_slice(&offsets.map(|offset| -SCALED_OFFSET * offset));
        }
    }

    #[inline(never)]
    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let (lanes, start) = words.split_at_mut(input.len() / 2);
        let (mut even_sum, mut odd_sum) = (0, 0);
        for (lanes, x) in lanes.chunks_exact_mut(2).zip(input.chunks_exact(4)) {
            let [low, high] = [word(&x[..2]), word(&x[2..])];
            let even = (low & 0xffff) | (high << 16);
            let odd = (low >> 16) | (high & 0xffff_0000);
            even_sum = add_both(even, even_sum);
            odd_sum = add_both(odd, odd_sum);
            lanes.copy_from_slice(&[even as i32, odd as i32]);
        }
        start[0] = match format {
            MatrixFormat::I4 => -8 * (even_sum + odd_sum),
            MatrixFormat::I8 => -128 * even_sum,
        };
    }

    #[inline(never)]
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let (lanes, starts) = words.split_at(rows.columns);
        let multiply = match rows.format {
            MatrixFormat::I4 => multiply_two_i4,
            MatrixFormat::I8 => multiply_two_i8,
        };
        if rows.columns <= BLOCK_COLUMNS {
            return multiply(rows.words, lanes, [starts[0], starts[1]], sums);
        }
        let row_words = rows.row_words();
        let block_words = row_words * BLOCK_COLUMNS / rows.columns;
        let pairs = rows.words.chunks_exact(2 * row_words);
        for (pair, sums) in pairs.zip(sums.chunks_exact_mut(2)) {
            sums.fill([0; 2]);
            let weights = pair.chunks(2 * block_words);
            let blocks = lanes.chunks(BLOCK_COLUMNS).zip(starts.chunks_exact(2));
            for (weights, (lanes, starts)) in weights.zip(blocks) {
                let mut block = [[0; 2]; 2];
                multiply(weights, lanes, [starts[0], starts[1]], &mut block);
                for (sum, block) in sums.as_flattened_mut().iter_mut().zip(block.as_flattened()) {
                    *sum += block;
                }
            }
        }
    }

    #[inline(never)]
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let (lanes, start) = words.split_at(rows.columns / 2);
        match rows.format {
            MatrixFormat::I4 => multiply_one_i4(rows.words, lanes, start[0], sums),
            MatrixFormat::I8 => multiply_one_i8(rows.words, lanes, start[0], sums),
        }
    }

    #[inline(never)]
    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
        let [a, b] = left.map(<[i8]>::as_chunks::<4>);
        let [c, d] = right.map(<[i8]>::as_chunks::<4>);
        let mut sums = one_by_one([a.1, b.1], [c.1, d.1]);
        let (lefts, rights) = (a.0.iter().zip(b.0), c.0.iter().zip(d.0));
        for ((a, b), (c, d)) in lefts.zip(rights) {
            let [a, b, c, d] = [a, b, c, d].map(|four| {
                let four = word(four);
                [even(four), odd(four)]
            });
            for (sums, left) in sums.iter_mut().zip([a, b]) {
                for (sum, right) in sums.iter_mut().zip([c, d]) {
                    *sum = add_products(left[1], right[1], add_products(left[0], right[0], *sum));
                }
            }
        }
        sums
    }

    #[inline(never)]
    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
        let (fours, rest) = sums.as_chunks_mut::<4>();
        let first_rest = 4 * fours.len();
        for (four, sums) in fours.iter_mut().enumerate() {
            *sums = weighted_four(weights, &rows[4 * four..], stride);
        }
        weighted_sums_in_registers(weights, &rows[first_rest.min(rows.len())..], stride, rest);
    }

    #[inline]
    fn saturate8(value: i32) -> i8 {
        instructions::saturate8(value)
    }

    #[inline]
    fn saturate16(value: i32) -> i16 {
        instructions::saturate16(value)
    }
}

/// The weighted sums of four columns, which begin `rows`.
#[inline]
fn weighted_four(weights: [&[i32]; 2], rows: &[i8], stride: usize) -> [[i32; 2]; 4] {
    let mut sums = [[0; 2]; 4];
    let mut at = 0;
    for (&first, &second) in weights[0].iter().zip(weights[1]) {
        let Some(four) = rows.get(at..at + 4) else {
            break;
        };
        at += stride;
        let four = word(four);
        let (even, odd) = (even(four), odd(four));
        for (which, weight) in [first, second].into_iter().enumerate() {
            sums[0][which] = add_low_product(even, weight, sums[0][which]);
            sums[1][which] = add_low_product(odd, weight, sums[1][which]);
            sums[2][which] = add_high_product(even, weight, sums[2][which]);
            sums[3][which] = add_high_product(odd, weight, sums[3][which]);
        }
    }
    sums
}

/// # Panics
/// Unless the slices belong together: whole turns of lanes, weights for all of them in each pair of
/// rows, two rows of sums a pair.
fn check(weights: usize, a_pair: usize, lanes: usize, a_turn: usize, sums: usize) {
    assert!(lanes > 0 && lanes.is_multiple_of(a_turn));
    assert!(sums > 0 && sums.is_multiple_of(2) && weights == a_pair * (sums / 2));
}

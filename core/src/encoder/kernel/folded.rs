//! Processors with one multiplier and no vectors: Cortex-M0 and M3, RISC-V.
//!
//! For nibbles one multiplication serves two vectors: a word holds `X = x0 + 2^16 x1`, so that the
//! sum of `w X` holds both sums of products, each below 2^15 over [`SPAN_COLUMNS`], after which they
//! are taken apart.

use super::layout::{
    BYTE_OFFSETS, COLUMN_OF_NIBBLE, MatrixFormat, NIBBLE_OFFSETS, lanes, word_pairs,
};
use super::loops::{Loops, Rows};

/// 8 x 127 x 32 is below 2^15.
const SPAN_COLUMNS: usize = 32;

/// The processor's loops.
pub(super) enum Folded {}

impl Loops for Folded {
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let [first, second] = inputs;
        let pair = |column: usize| [i16::from(first[column]), i16::from(second[column])];
        for (at, word) in words[..first.len()].iter_mut().enumerate() {
            *word = match format {
                MatrixFormat::I4 => {
                    let [first, second] = pair(at / 8 * 8 + COLUMN_OF_NIBBLE[at % 8]);
                    i32::from(first) + (i32::from(second) << 16)
                }
                MatrixFormat::I8 => {
                    let [first, second] = pair(at);
                    lanes(first, second)
                }
            };
        }
    }

    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        let x = |at: usize| match format {
            MatrixFormat::I4 => input[at / 8 * 8 + COLUMN_OF_NIBBLE[at % 8]],
            MatrixFormat::I8 => input[at],
        };
        for (pair, word) in words[..input.len() / 2].iter_mut().enumerate() {
            *word = lanes(x(2 * pair), x(2 * pair + 1));
        }
    }

    #[inline(never)]
    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let words = &words[..rows.columns];
        match rows.format {
            MatrixFormat::I4 => {
                for (pairs, sums) in rows.fours().zip(sums.chunks_exact_mut(4)) {
                    two_i4(pairs, words, sums);
                }
            }
            MatrixFormat::I8 => {
                for (pair, sums) in rows.pairs().zip(sums.chunks_exact_mut(2)) {
                    two_i8(pair, words, sums);
                }
            }
        }
    }

    #[inline(never)]
    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let words = &words[..rows.columns / 2];
        for (pairs, sums) in rows.fours().zip(sums.chunks_exact_mut(4)) {
            let products = match rows.format {
                MatrixFormat::I4 => one::<8>(pairs, words, |word| word ^ NIBBLE_OFFSETS, nibble),
                MatrixFormat::I8 => one::<4>(pairs, words, |word| word ^ BYTE_OFFSETS, byte),
            };
            sums.copy_from_slice(&products);
        }
    }
}

fn two_i4([upper, lower]: [&[u8]; 2], words: &[i32], sums: &mut [[i32; 2]]) {
    sums.fill([0; 2]);
    let spans = words.chunks(SPAN_COLUMNS);
    let uppers = upper.chunks(SPAN_COLUMNS);
    let lowers = lower.chunks(SPAN_COLUMNS);
    for ((words, upper), lower) in spans.zip(uppers).zip(lowers) {
        let mut folded = [0; 4];
        let weights = word_pairs(upper).zip(word_pairs(lower));
        for (x, ([a, b], [c, d])) in words.chunks_exact(8).zip(weights) {
            let weights = [a, b, c, d].map(|word| word ^ NIBBLE_OFFSETS);
            for (field, &x) in x.iter().enumerate() {
                for (folded, word) in folded.iter_mut().zip(weights) {
                    *folded += nibble(word, field) * x;
                }
            }
        }
        for (sums, folded) in sums.iter_mut().zip(folded) {
            let first = i32::from(folded as i16);
            sums[0] += first;
            sums[1] += (folded - first) >> 16;
        }
    }
}

fn two_i8(pair: &[u8], words: &[i32], out: &mut [[i32; 2]]) {
    let mut sums = [[0; 2]; 2];
    for (x, weights) in words.chunks_exact(4).zip(word_pairs(pair)) {
        let weights = weights.map(|word| word ^ BYTE_OFFSETS);
        for (field, &x) in x.iter().enumerate() {
            for (sums, word) in sums.iter_mut().zip(weights) {
                sums[0] += byte(word, field) * i32::from(x as i16);
                sums[1] += byte(word, field) * (x >> 16);
            }
        }
    }
    out.copy_from_slice(&sums);
}

/// `FIELDS` columns a word, made plain by `plain` and taken out by `field`.
#[inline]
fn one<const FIELDS: usize>(
    [upper, lower]: [&[u8]; 2],
    words: &[i32],
    plain: impl Fn(u32) -> u32,
    field: impl Fn(u32, usize) -> i32,
) -> [i32; 4] {
    let mut sums = [0; 4];
    let weights = word_pairs(upper).zip(word_pairs(lower));
    for (x, ([a, b], [c, d])) in words.chunks_exact(FIELDS / 2).zip(weights) {
        let weights = [a, b, c, d].map(&plain);
        for (pair, &x) in x.iter().enumerate() {
            for (sum, word) in sums.iter_mut().zip(weights) {
                *sum += field(word, 2 * pair) * i32::from(x as i16);
                *sum += field(word, 2 * pair + 1) * (x >> 16);
            }
        }
    }
    sums
}

#[inline]
fn nibble(word: u32, field: usize) -> i32 {
    ((word << (28 - 4 * field)) as i32) >> 28
}

#[inline]
fn byte(word: u32, field: usize) -> i32 {
    ((word << (24 - 8 * field)) as i32) >> 24
}

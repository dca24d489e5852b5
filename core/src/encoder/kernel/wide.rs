//! x86-64, whose vectors are wider where it has AVX2.

use super::layout::{COLUMN_OF_NIBBLE, MatrixFormat};
use super::loops::{Loops, Rows};
use super::processor::avx2::{Avx2, Lanes};
use super::vectors::{self, Vectors};

/// The loops of the processor that this runs on.
pub(super) enum Wide {}

impl Loops for Wide {
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        if Avx2::get().is_none() || format != MatrixFormat::I4 {
            return Vectors::widen_two(format, inputs, words);
        }
        let columns = inputs[0].len();
        let (lanes, starts) = words.split_at_mut(columns);
        let lanes = lanes.chunks_exact_mut(columns / 2);
        for ((input, lanes), start) in inputs.into_iter().zip(lanes).zip(starts) {
            *start = -8 * widen_bytes(input, as_lanes_mut(lanes));
        }
    }

    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        Vectors::widen_one(format, input, words);
    }

    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        match Avx2::get() {
            Some(avx2) if rows.format == MatrixFormat::I4 => {
                let (lanes, starts) = words.split_at(rows.columns);
                let (first, second) = lanes.split_at(rows.columns / 2);
                let pairs = rows.words.as_chunks::<8>().0;
                let starts = [starts[0], starts[1]];
                avx2.multiply_nibbles(pairs, [first, second].map(as_lanes), starts, sums);
            }
            _ => Vectors::multiply_two(rows, words, sums),
        }
    }

    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        match Avx2::get() {
            Some(avx2) if rows.format == MatrixFormat::I8 => {
                let (lanes, starts) = words.split_at(rows.columns / 2);
                let vector = lanes.as_chunks::<4>().0.as_chunks().0;
                avx2.multiply_bytes(rows.words.as_chunks::<8>().0, vector, starts[0], sums);
            }
            _ => Vectors::multiply_one(rows, words, sums),
        }
    }

    fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
        match Avx2::get() {
            Some(avx2) => avx2.run(|| vectors::inner_products(left, right)),
            None => Vectors::inner_products(left, right),
        }
    }

    fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
        match Avx2::get() {
            Some(avx2) => avx2.run(|| vectors::weighted_sums(weights, rows, stride, sums)),
            None => Vectors::weighted_sums(weights, rows, stride, sums),
        }
    }
}

/// Runs `work`, compiled for the widest vectors that the processor has as far as it is inlined.
#[inline(always)]
pub(in crate::encoder) fn with_wide_vectors<R>(work: impl FnOnce() -> R) -> R {
    match Avx2::get() {
        Some(avx2) => avx2.run(work),
        None => work(),
    }
}

fn as_lanes(words: &[i32]) -> &[Lanes] {
    words.as_chunks::<8>().0.as_chunks().0
}

fn as_lanes_mut(words: &mut [i32]) -> &mut [Lanes] {
    words.as_chunks_mut::<8>().0.as_chunks_mut().0
}

/// Writes activations as [`Lanes`]; gives their sum.
fn widen_bytes(input: &[i8], lanes: &mut [Lanes]) -> i32 {
    for (lanes, input) in lanes.iter_mut().zip(input.as_chunks::<32>().0) {
        for (word, input) in input.as_chunks::<8>().0.iter().enumerate() {
            for (odd, lanes) in lanes.iter_mut().enumerate() {
                let nibble = |number: usize| input[COLUMN_OF_NIBBLE[number + odd]] as u8;
                let four = i32::from_le_bytes([nibble(0), nibble(2), nibble(4), nibble(6)]);
                lanes[2 * word] = four;
                lanes[2 * word + 1] = four;
            }
        }
    }
    input.iter().map(|&activation| i32::from(activation)).sum()
}

//! Processors with vectors: x86-64, AArch64. A row is unpacked once, then multiplied by plain inner
//! products of `i16`, which compilers turn into the vector instructions of every baseline.

use super::layout::{COLUMN_OF_NIBBLE, MAX_COLUMNS, MatrixFormat};
use super::loops::{Loops, Rows};

/// The processor's loops.
pub(super) enum Vectors {}

impl Loops for Vectors {
    fn widen_two(format: MatrixFormat, inputs: [&[i8]; 2], words: &mut [i32]) {
        let columns = inputs[0].len();
        let halves = as_halves_mut(&mut words[..columns]).chunks_exact_mut(columns);
        for (input, halves) in inputs.into_iter().zip(halves) {
            widen(format, input, halves);
        }
    }

    fn widen_one(format: MatrixFormat, input: &[i16], words: &mut [i32]) {
        widen(format, input, as_halves_mut(&mut words[..input.len() / 2]));
    }

    fn multiply_two(rows: &Rows<'_>, words: &[i32], sums: &mut [[i32; 2]]) {
        let (first, second) = as_halves(&words[..rows.columns]).split_at(rows.columns);
        each_row(rows, sums, |weights| {
            [
                inner_product(weights, first),
                inner_product(weights, second),
            ]
        });
    }

    fn multiply_one(rows: &Rows<'_>, words: &[i32], sums: &mut [i32]) {
        let vector = as_halves(&words[..rows.columns / 2]);
        each_row(rows, sums, |weights| inner_product(weights, vector));
    }
}

fn as_halves(words: &[i32]) -> &[i16] {
    bytemuck::cast_slice(words)
}

fn as_halves_mut(words: &mut [i32]) -> &mut [i16] {
    bytemuck::cast_slice_mut(words)
}

/// The place of half 0 of word 0 in each field of a row that is unpacked `[field, word, half]`.
fn widen<X: Copy + Into<i16>>(format: MatrixFormat, input: &[X], out: &mut [i16]) {
    let width = format.columns_a_word();
    let fields = width / 2;
    let field_length = input.len() / fields;
    for (field, out) in out.chunks_exact_mut(field_length).enumerate() {
        let [low, high] = match format {
            MatrixFormat::I4 => [COLUMN_OF_NIBBLE[field], COLUMN_OF_NIBBLE[field + 4]],
            MatrixFormat::I8 => [field, field + 2],
        };
        for (out, input) in out
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .zip(input.chunks_exact(width))
        {
            *out = [input[low].into(), input[high].into()];
        }
    }
}

/// Unpacks each row as `[field, word, half]` and writes what `multiply` makes of it.
#[inline(always)]
fn each_row<T>(rows: &Rows<'_>, out: &mut [T], multiply: impl Fn(&[i16]) -> T) {
    let mut weights = [0; MAX_COLUMNS];
    let weights = &mut weights[..rows.columns];
    let mut words = [[0; MAX_COLUMNS / 4]; 2];
    let pairs = rows.words.chunks_exact(2 * rows.row_words());
    for (pair, out) in pairs.zip(out.as_chunks_mut::<2>().0) {
        part_rows(pair, &mut words);
        for (words, out) in words.iter().zip(out) {
            let halves = bytemuck::cast_slice(&words[..rows.row_words()]);
            match rows.format {
                MatrixFormat::I4 => unpack_fields::<4>(halves, weights),
                MatrixFormat::I8 => unpack_fields::<2>(halves, weights),
            }
            *out = multiply(weights);
        }
    }
}

#[inline(always)]
fn part_rows(pair: &[u32], [upper, lower]: &mut [[u32; MAX_COLUMNS / 4]; 2]) {
    let rows = upper.iter_mut().zip(lower);
    for ((upper, lower), words) in rows.zip(pair.as_chunks::<2>().0) {
        [*upper, *lower] = words.map(u32::from_le);
    }
}

#[inline(always)]
fn unpack_fields<const FIELDS: usize>(halves: &[u16], weights: &mut [i16]) {
    let bits = 16 / FIELDS;
    let offset = 1 << (bits - 1);
    for (field, weights) in weights.chunks_exact_mut(halves.len()).enumerate() {
        for (weight, &half) in weights.iter_mut().zip(halves) {
            *weight = if field == FIELDS - 1 {
                half as i16 >> (16 - bits)
            } else {
                ((half >> (bits * field)) & ((1 << bits) - 1)) as i16 - offset
            };
        }
    }
}

#[inline(always)]
fn inner_product(weights: &[i16], x: &[i16]) -> i32 {
    let products = weights.iter().zip(x);
    products.map(|(&w, &x)| i32::from(w) * i32::from(x)).sum()
}

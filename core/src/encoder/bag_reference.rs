//! The bag encoder in floats: the same sums as `bag`, without its rounding.

use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::weights::{BagWeights, Table};
use crate::embedding::DIMENSIONS;
use crate::text::Word;
use crate::tokens::{hash::spread, ngrams};

type Weights<'m> = BagWeights<'m, Table<'m>>;

/// Encodes one window into `out` and returns how many words it had.
pub(super) fn encode_window<'t>(
    weights: &Weights<'_>,
    words: impl Iterator<Item = Word<'t>>,
    mut scratch: ScratchSlice<'_>,
    out: &mut [f32; DIMENSIONS],
) -> Result<u32, ScratchTooSmall> {
    let sums = scratch.take::<f32>(weights.front.row_width)?;
    let mut count = 0;
    for word in words {
        match weights.front.vocabulary.row(word) {
            Some(row) => add_row(weights, row, 1.0, sums),
            None => add_spelled(weights, word, sums),
        }
        count += 1;
    }
    for (row, out) in out.iter_mut().enumerate() {
        let numbers = weights.projection.floats(row, weights.front.row_width);
        *out = numbers.zip(sums.iter()).map(|(a, b)| a * b).sum();
    }
    Ok(count)
}

fn add_spelled(weights: &Weights<'_>, word: Word<'_>, sums: &mut [f32]) {
    let share = 1.0 / ngrams(word).count() as f32;
    for ngram in ngrams(word) {
        add_row(
            weights,
            weights.front.words + spread(ngram.0, weights.front.ngrams),
            share,
            sums,
        );
    }
}

fn add_row(weights: &Weights<'_>, row: u32, share: f32, sums: &mut [f32]) {
    let numbers = weights
        .front
        .rows
        .floats(row as usize, weights.front.row_width);
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += share * number;
    }
}

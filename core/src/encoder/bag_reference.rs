//! The bag encoder in floats: the same sums as `bag`, without its rounding.

use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::weights::{BagWeights, RowWeights, Table};
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
        add_word(&weights.front, word, sums);
        count += 1;
    }
    for (row, out) in out.iter_mut().enumerate() {
        let numbers = weights.projection.floats(row, weights.front.row_width);
        *out = numbers.zip(sums.iter()).map(|(a, b)| a * b).sum();
    }
    Ok(count)
}

/// Adds the row of a word, or the mean of its n-grams' rows, to `sums` `[R]`.
pub(super) fn add_word(front: &RowWeights<'_, Table<'_>>, word: Word<'_>, sums: &mut [f32]) {
    if let Some(row) = front.vocabulary.row(word) {
        return add_row(front, row, 1.0, sums);
    }
    let share = 1.0 / ngrams(word).count() as f32;
    for ngram in ngrams(word) {
        let row = front.words + spread(ngram.0, front.ngrams);
        add_row(front, row, share, sums);
    }
}

fn add_row(front: &RowWeights<'_, Table<'_>>, row: u32, share: f32, sums: &mut [f32]) {
    let numbers = front.rows.floats(row as usize, front.row_width);
    for (sum, number) in sums.iter_mut().zip(numbers) {
        *sum += share * number;
    }
}

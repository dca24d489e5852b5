//! The bag encoder in integers: what ships and what is stored.
//!
//! ```text
//! x = sum over words of row_w                  a known word            [R] i32
//!   + sum over words of mean(row_g)            any other word
//! y = projection (x / 2^s)                     s leaves x 15 bits      [D] i32
//! ```

use super::kernel;
use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::weights::{BagWeights, IntegerTable};
use crate::embedding::{DIMENSIONS, shift_right_rounding};
use crate::text::Word;
use crate::tokens::{hash::spread, ngrams};

type Weights<'m> = BagWeights<'m, IntegerTable<'m>>;

/// Bits after the binary point of `1 / n` in the mean over n-grams.
const RECIPROCAL_BITS: u32 = 24;

/// Bits that scaling by a projection scale adds and the result drops again.
const PROJECTION_SCALE_BITS: u32 = 16;

/// Encodes one window into `out` and returns how many words it had.
pub(super) fn encode_window<'t>(
    weights: &Weights<'_>,
    words: impl Iterator<Item = Word<'t>>,
    mut scratch: ScratchSlice<'_>,
    out: &mut [i32; DIMENSIONS],
) -> Result<u32, ScratchTooSmall> {
    let sums = scratch.take::<i32>(weights.row_width)?;
    let mut count = 0;
    for word in words {
        match weights.vocabulary.row(word) {
            Some(row) => weights.rows.add_row(row as usize, sums),
            None => add_spelled(weights, word, sums, scratch.reborrow())?,
        }
        count += 1;
    }
    let activations = scratch.take::<i16>(weights.row_width)?;
    kernel::normalise(sums, activations);
    project(weights, activations, out);
    Ok(count)
}

/// Adds the mean of the n-gram rows of a word without a row of its own:
/// `round(sum x round(2^24 / n) / 2^24)`.
fn add_spelled(
    weights: &Weights<'_>,
    word: Word<'_>,
    sums: &mut [i32],
    mut scratch: ScratchSlice<'_>,
) -> Result<(), ScratchTooSmall> {
    let spelled = scratch.take::<i32>(weights.row_width)?;
    let mut count = 0;
    for ngram in ngrams(word) {
        let row = weights.words + spread(ngram.0, weights.ngrams);
        weights.rows.add_row(row as usize, spelled);
        count += 1;
    }
    let reciprocal = ((1 << RECIPROCAL_BITS) + count / 2) / count.max(1);
    for (sum, &spelled) in sums.iter_mut().zip(spelled.iter()) {
        let scaled = i64::from(spelled) * i64::from(reciprocal);
        *sum += shift_right_rounding(scaled, RECIPROCAL_BITS) as i32;
    }
    Ok(())
}

fn project(weights: &Weights<'_>, activations: &[i16], out: &mut [i32; DIMENSIONS]) {
    for (row, out) in out.iter_mut().enumerate() {
        let dot = weights.projection.dot_row(row, activations);
        let scaled = i64::from(dot) * i64::from(weights.projection.scales.u16_at(row));
        *out = shift_right_rounding(scaled, PROJECTION_SCALE_BITS) as i32;
    }
}

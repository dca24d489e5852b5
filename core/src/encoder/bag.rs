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

type Weights<'m> = BagWeights<'m, IntegerTable<'m>>;

/// Bits that scaling by a projection scale adds and the result drops again.
const PROJECTION_SCALE_BITS: u32 = 16;

/// Encodes one window into `out` and returns how many words it had.
pub(super) fn encode_window<'t>(
    weights: &Weights<'_>,
    words: impl Iterator<Item = Word<'t>>,
    mut scratch: ScratchSlice<'_>,
    out: &mut [i32; DIMENSIONS],
) -> Result<u32, ScratchTooSmall> {
    let sums = scratch.take::<i32>(weights.front.row_width)?;
    let mut count = 0;
    for word in words {
        let spelled = scratch.reborrow().take(weights.front.row_width)?;
        weights.front.add_word(word, spelled, sums);
        count += 1;
    }
    let activations = scratch.take::<i16>(weights.front.row_width)?;
    kernel::normalise(sums, activations);
    project(weights, activations, out);
    Ok(count)
}

fn project(weights: &Weights<'_>, activations: &[i16], out: &mut [i32; DIMENSIONS]) {
    for (row, out) in out.iter_mut().enumerate() {
        let dot = weights.projection.dot_row(row, activations);
        let scaled = i64::from(dot) * i64::from(weights.projection.scales.u16_at(row));
        *out = shift_right_rounding(scaled, PROJECTION_SCALE_BITS) as i32;
    }
}

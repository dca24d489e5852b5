//! The bag encoder in integers: what ships and what is stored.
//!
//! ```text
//! x = sum over tokens of row_w                 a known word or a character    [R] i32
//!   + sum over tokens of mean(row_g)           any other word
//! y = projection (x / 2^s)                     s leaves x 15 bits             [D] i32
//! ```

use super::config::FrontEnd;
use super::kernel;
use super::scratch::{ScratchSlice, ScratchTooSmall};
use super::walk::Step;
use super::weights::{BagWeights, IntegerTable};
use super::windows::Windows;
use crate::embedding::{DIMENSIONS, shift_right_rounding};

type Weights<'m> = BagWeights<'m, IntegerTable<'m>>;

/// Bits that scaling by a projection scale adds and the result drops again.
const PROJECTION_SCALE_BITS: u32 = 16;

/// Bytes of the sum of a window, and of the sum of one word's n-grams or the activations.
pub(super) const fn scratch_bytes(front: &FrontEnd) -> usize {
    2 * front.row_width() * size_of::<i32>()
}

/// Encodes the next window into `out`.
pub(super) fn encode_window(
    weights: &Weights<'_>,
    windows: &mut Windows<'_>,
    mut scratch: ScratchSlice<'_>,
    out: &mut [i32; DIMENSIONS],
) -> Result<Step, ScratchTooSmall> {
    let Some(tokens) = windows.next() else {
        return Ok(Step::Nothing);
    };
    let sums = scratch.take::<i32>(weights.front.row_width)?;
    let mut count = 0;
    for token in tokens {
        let spelled = scratch.reborrow().take(weights.front.row_width)?;
        weights.front.add_token(token, spelled, sums);
        count += 1;
    }
    let activations = scratch.take::<i16>(weights.front.row_width)?;
    kernel::normalise(sums, activations);
    project(weights, activations, out);
    Ok(Step::Window(count))
}

fn project(weights: &Weights<'_>, activations: &[i16], out: &mut [i32; DIMENSIONS]) {
    kernel::with_wide_vectors(|| {
        for (row, out) in out.iter_mut().enumerate() {
            let dot = weights.projection.dot_row(row, activations);
            let scaled = i64::from(dot) * i64::from(weights.projection.scales.u16_at(row));
            *out = shift_right_rounding(scaled, PROJECTION_SCALE_BITS) as i32;
        }
    });
}

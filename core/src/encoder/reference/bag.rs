//! The bag encoder in floats: the same sums as the integer one, without its rounding.

use crate::embedding::DIMENSIONS;
use crate::encoder::config::FrontEnd;
use crate::encoder::scratch::{ScratchSlice, ScratchTooSmall};
use crate::encoder::weights::{BagWeights, Table};
use crate::tokens::Token;

/// Bytes of the sum of a window.
pub(super) const fn scratch_bytes(front: &FrontEnd) -> usize {
    front.row_width() * size_of::<f32>()
}

/// Encodes one window into `out` and returns how many tokens it had.
pub(super) fn encode_window<'t>(
    weights: &BagWeights<'_, Table<'_>>,
    tokens: impl Iterator<Item = Token<'t>>,
    mut scratch: ScratchSlice<'_>,
    out: &mut [f32; DIMENSIONS],
) -> Result<u32, ScratchTooSmall> {
    let sums = scratch.take::<f32>(weights.front.row_width)?;
    let mut count = 0;
    for token in tokens {
        weights.front.add_floats(token, sums);
        count += 1;
    }
    for (row, out) in out.iter_mut().enumerate() {
        let numbers = weights.projection.floats(row, weights.front.row_width);
        *out = numbers.zip(sums.iter()).map(|(a, b)| a * b).sum();
    }
    Ok(count)
}

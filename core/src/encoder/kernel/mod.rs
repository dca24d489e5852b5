//! The inner loops.
//!
//! [`Matrix`] multiplies one or two vectors by weights that the image holds in the order in which
//! the fastest loops read them. Each kind of processor has its own loops; all give the same
//! integers:
//!
//! | loops | processors | how |
//! |---|---|---|
//! | `dsp` | ARMv7E-M, ARMv8-M with DSP | dual multiplications in assembly |
//! | `vectors` | x86-64, AArch64 | vectors of 128 bits |
//! | `wide` | x86-64 | vectors of 256 bits where there are any, else those of 128 |
//! | `folded` | all others | one multiplication for two vectors |

mod bytes;
#[cfg(any(test, not(any(memt_dsp, memt_vectors))))]
mod folded;
mod layout;
mod loops;
mod matrix;
mod normalise;
mod processor;
mod rows;
mod saturate;
#[cfg(test)]
mod tests;
#[cfg(memt_vectors)]
mod vectors;
#[cfg(all(memt_vectors, target_arch = "x86_64"))]
mod wide;

pub use bytes::{inner_products, weighted_sums};
pub use layout::{COLUMN_MULTIPLE, MAX_COLUMNS, MatrixFormat, ROW_MULTIPLE, pack};
pub use matrix::{Matrix, ROWS_A_TURN, one_words, two_words, widen_one, widen_two};
pub use normalise::normalise;
pub use rows::{add_scaled_i8, add_scaled_packed, dot_i8_i16, dot_packed_i16};
pub use saturate::{saturate8, saturate16};

#[cfg(not(any(memt_dsp, memt_vectors)))]
use folded::Folded as Machine;
#[cfg(memt_dsp)]
use processor::dsp::Dsp as Machine;
#[cfg(all(memt_vectors, not(target_arch = "x86_64")))]
use vectors::Vectors as Machine;
#[cfg(all(memt_vectors, target_arch = "x86_64"))]
use wide::Wide as Machine;

#[cfg(all(memt_vectors, target_arch = "x86_64"))]
pub(super) use wide::with_wide_vectors;

/// Runs `work`; there are no wider vectors than those that everything is compiled for.
#[cfg(not(all(memt_vectors, target_arch = "x86_64")))]
#[inline(always)]
pub(super) fn with_wide_vectors<R>(work: impl FnOnce() -> R) -> R {
    work()
}

//! The inner loops.
//!
//! [`Matrix`] multiplies one or two vectors by weights that the image holds in the order in which
//! the fastest loops read them. Each kind of processor has its own loops; all give the same
//! integers:
//!
//! | loops | processors | how |
//! |---|---|---|
//! | `dsp` | ARMv7E-M, ARMv8-M with DSP | dual multiplications in assembly |
//! | `vectors` | 64-bit ones | rows unpacked for the compiler's vectors |
//! | `folded` | all others | one multiplication for two vectors |

#[cfg(memt_dsp)]
mod dsp;
#[cfg(any(test, not(any(memt_dsp, target_pointer_width = "64"))))]
mod folded;
mod layout;
mod loops;
mod matrix;
mod normalise;
mod rows;
#[cfg(test)]
mod tests;
#[cfg(any(test, target_pointer_width = "64"))]
mod vectors;

pub use layout::{COLUMN_MULTIPLE, MAX_COLUMNS, MatrixFormat, ROW_MULTIPLE, pack};
pub use matrix::{Matrix, one_words, two_words, widen_one, widen_two};
pub use normalise::normalise;
pub use rows::{add_scaled_i4, add_scaled_i8, dot_i4_i16, dot_i8_i16};

#[cfg(memt_dsp)]
use dsp::Dsp as Machine;
#[cfg(not(any(memt_dsp, target_pointer_width = "64")))]
use folded::Folded as Machine;
#[cfg(target_pointer_width = "64")]
use vectors::Vectors as Machine;

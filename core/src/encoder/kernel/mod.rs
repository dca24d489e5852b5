//! The inner loops.
//!
//! [`Matrix`] multiplies one or two vectors by weights that the image holds in the order in which
//! the fastest loops read them. Every version computes the same integers.

mod matrix;
mod normalise;
mod rows;

pub use matrix::{
    COLUMN_MULTIPLE, Matrix, MatrixFormat, ROW_MULTIPLE, one_words, pack, two_words, widen_one,
    widen_two,
};
pub use normalise::normalise;
pub use rows::{add_scaled_i4, add_scaled_i8, dot_i4_i16, dot_i8_i16};

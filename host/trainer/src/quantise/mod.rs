//! Floats as the integers that ship.

mod projection;
mod rows;

pub(crate) use projection::quantise_projection;
pub(crate) use rows::{QuantisedRows, RowGrid, quantise_row, smallest_unit};

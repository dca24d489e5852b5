//! Floats as the integers that ship.

mod calibration;
mod feedback;
mod fine;
mod in_turn;
mod levels;
mod projection;
mod rotation;
mod rows;

pub(crate) use calibration::calibrate;
pub(crate) use fine::rows_to_refine;
pub(crate) use in_turn::round_in_turn;
pub(crate) use levels::Levels;
pub(crate) use projection::quantise_projection;
pub(crate) use rotation::ease_rounding;
pub(crate) use rows::{QuantisedRows, RowGrid, fitted_scale, quantise_row, smallest_unit};

//! The encoder as the trainer sees it, forwards and backwards.

mod parameters;
mod pass;
mod passages;
mod units;

pub(crate) use parameters::{Model, Parameters};
pub use pass::Part;
pub(crate) use pass::{Gradient, Pass};
pub(crate) use passages::Passages;
pub(crate) use units::Units;

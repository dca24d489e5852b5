//! The bag encoder as the trainer sees it, forwards and backwards.

mod backward;
mod forward;
mod parameters;

pub(crate) use backward::{projection_gradient, sum_gradient, unit_gradient};
pub(crate) use forward::embed;
pub(crate) use parameters::Parameters;

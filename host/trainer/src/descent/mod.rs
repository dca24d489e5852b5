//! Gradient descent: what a step is.

mod adam;
mod occurrences;
mod schedule;
mod shard;
mod shown;
mod state;

pub(crate) use adam::Rates;
pub(crate) use occurrences::Occurrences;
pub(crate) use schedule::Schedule;
pub(crate) use shard::{Batch, Material};
pub(crate) use shown::Shown;
pub(crate) use state::State;

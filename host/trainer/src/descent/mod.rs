//! Gradient descent: what a step is.

mod adam;
mod batch;
mod occurrences;
mod schedule;
mod shown;
mod state;
mod step;

pub(crate) use adam::Rates;
pub(crate) use batch::{Batch, Material};
pub(crate) use occurrences::Occurrences;
pub(crate) use schedule::Schedule;
pub(crate) use shown::Shown;
pub(crate) use state::State;
pub(crate) use step::Workspace;

//! Gradient descent: what a step is.

mod adam;
mod batch;
mod muon;
mod occurrences;
mod pair_order;
mod schedule;
mod shown;
mod state;
mod step;
mod text_order;

pub(crate) use adam::Rates;
pub(crate) use batch::{Batch, Material, Origin};
pub(crate) use occurrences::Occurrences;
pub(crate) use pair_order::PairOrder;
pub(crate) use schedule::Schedule;
pub(crate) use shown::Shown;
pub(crate) use state::State;
pub(crate) use step::Workspace;
pub(crate) use text_order::TextOrder;

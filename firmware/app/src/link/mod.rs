//! Frames from a host, told apart from what a person types, and their answers.

mod calls;
mod model;
mod receiver;
mod session;

pub(crate) use calls::{Answered, Caller};
pub(crate) use receiver::{Event, Receiver};

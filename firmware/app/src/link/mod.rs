//! Frames from a host, told apart from what a person types, and their answers.

mod answer;
mod calls;
mod model;
mod parts;
mod receiver;
mod session;

pub(crate) use calls::{Answered, Caller, Device};
pub(crate) use receiver::{Event, Receiver};

//! The body in integers: what the forward pass of a quantised stage computes, and what ships.

mod body;
mod linear;
mod pass;
#[cfg(test)]
mod tests;

pub(crate) use body::IntegerBody;
pub(crate) use linear::IntegerLinear;
pub(crate) use pass::{IntegerScratch, Kept};

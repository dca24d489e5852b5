//! The body in integers: what the forward pass of a quantised stage computes, and what ships.

mod attention;
mod block;
mod body;
mod linear;
mod norm;
mod pass;
#[cfg(test)]
mod tests;

pub(crate) use body::IntegerBody;
pub(crate) use linear::IntegerLinear;
pub(crate) use pass::{IntegerScratch, Kept};

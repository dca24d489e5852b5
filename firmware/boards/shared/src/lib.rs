#![no_std]
//! What the firmware of real boards has in common: parts of one flash, the clock, and the endless loop.

pub mod flash;
#[cfg(feature = "symbols")]
pub mod layout;
mod run;

pub use run::{ActiveLow, Milliseconds, origin_of, run};

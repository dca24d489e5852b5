#![no_std]
#![forbid(unsafe_code)]
//! What every board's firmware does alike: it sees the board through `embedded-hal` traits only.

pub mod activity;
pub mod display;

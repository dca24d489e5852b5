//! memt on a host: the encoder over many threads, banks that grow, a durable store, and the command
//! `memt`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`bank`] | memories of many owners, growing without limit |
//! | [`model`] | a model image in memory and encoding in batches |
//! | [`evaluation`] | models and baselines on the evaluation sets |
//! | [`insight`] | what a memory stands for, how a write came out, a bank as a picture |
//! | [`mod@merge`] | snapshots of many devices as one |
//! | [`mod@select`] | a part of a snapshot |
//! | [`trials`] | what writing, capacity and forgetting are worth, measured |
//! | [`store`] | a bank in a file that survives every crash |
//! | [`transfer`] | memories from and to the files of other programs |
//! | [`pipe`] | a memory that other programs drive, in JSON lines |
//! | [`server`] | the same for applications over HTTP: `memt serve` |
//! | [`device`] | the link to a device over a serial port or TCP |
//! | [`clock`] | times as people and JSON write them |
//! | `commands` | one file a command |
#![forbid(unsafe_code)]

pub mod bank;
mod chart;
pub mod clock;
pub mod device;
pub mod evaluation;
pub mod insight;
pub mod merge;
pub mod model;
pub mod pipe;
pub mod select;
pub mod server;
pub mod store;
pub mod transfer;
pub mod trials;

mod command_line;
mod commands;
mod terminal;

pub use command_line::run_command_line;

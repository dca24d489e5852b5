//! memt on a host: the encoder over many threads, banks that grow, a durable store, and the command
//! `memt`.
//!
//! | module | what it holds |
//! |---|---|
//! | [`model`] | a model image in memory and encoding in batches |
//! | `commands` | one file a command |
#![forbid(unsafe_code)]

pub mod model;

mod command_line;
mod commands;
mod terminal;

pub use command_line::run_command_line;

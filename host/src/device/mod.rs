//! The host's side of the link to a device.
//!
//! [`Client`] sends requests over any [`Stream`] and repeats them until they are answered; [`open`] makes a
//! stream of a serial port or a TCP connection.

mod client;
mod error;
mod requests;
mod snapshot;
mod stream;

pub use client::{Client, Device};
pub use error::LinkError;
pub use requests::{Added, Found};
pub use stream::{BAUD, Port, Stream, open, ports};

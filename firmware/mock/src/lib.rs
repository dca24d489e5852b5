#![forbid(unsafe_code)]
//! Parts of a board for tests on a host.

mod nor;
mod port;
mod region;

pub use nor::{Change, Nor, NorError};
pub use port::{ManualClock, NoPort, PortEnd, pair};
pub use region::SecondRegion;

#![no_std]
#![forbid(unsafe_code)]
//! What every board's firmware does alike: a memory in flash, a console for people and a link for hosts on
//! one port. It sees the board through traits only.
//!
//! ```text
//!  port ──► link::receiver ──► console ──► memory ──► bank (RAM)
//!                         └──► link    ──┘        └──► store (flash)
//! ```
//!
//! A board's `main` has a [`State`] in a `static`, fills a [`Board`] with its parts, starts an [`App`] and
//! calls [`App::poll`] for ever:
//!
//! ```ignore
//! static STATE: StaticCell<State<200, 200, 32, 18_960>> = StaticCell::new();
//!
//! let board = Board { port, flash, clock, light, region: NoRegion };
//! let settings = Settings { model: &MODEL.0, origin: serial_number() };
//! let mut app = App::start(board, STATE.init_with(State::new), &settings)?;
//! loop {
//!     if app.poll()? == Next::Restart {
//!         reset();
//!     }
//! }
//! ```

pub mod activity;
mod app;
mod board;
mod console;
pub mod display;
mod link;
mod memory;
mod start;
mod state;
pub mod store;
mod time;

pub use app::{App, Next};
pub use board::{Board, Clock, NoFlash, NoPin, NoRegion, Region};
pub use memory::{About, Memories, Memory, NewText, Wanted};
pub use start::{NotStarted, Settings, StartError};
pub use state::State;

//! Trains memt's encoders: from text files to model images.
//!
//! ```no_run
//! use memt_trainer::{Paths, Recipe, Silent, Start, train};
//! # fn main() -> Result<(), memt_trainer::TrainError> {
//! let recipe = Recipe::read("host/training/default.toml".as_ref())?;
//! let paths = Paths {
//!     data: "../shared/data".into(),
//!     out: "runs/default".into(),
//!     start: Start::Resume,
//! };
//! let outcome = train(&recipe, &paths, &mut Silent)?;
//! println!("{}: {} bytes", outcome.image.display(), outcome.bytes);
//! # Ok(())
//! # }
//! ```
//!
//! The rooms, in the order of the data: `corpus` (files to typed values) -> `vocabulary` (which words
//! have rows, texts as rows) -> `stages` (where parameters begin) -> `model` over `network` (forwards
//! and backwards in floats), `integer` (forwards as the encoder computes), `loss` -> `descent` (a
//! step) over `quantise` (numbers to integers) -> `run` (the whole recipe, checkpoints, log) -> `ship`
//! (image, words, card, curves). [`comparison`] times a step against other implementations.
//!
//! A run is deterministic: shards have a fixed number and are added in a fixed order, whatever the
//! number of threads; every shuffle follows from the seed and the place in the recipe.
#![forbid(unsafe_code)]

pub mod comparison;
mod corpus;
mod descent;
mod error;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod gradient_check;
mod integer;
mod loss;
mod measure;
mod model;
mod network;
mod observer;
mod paths;
mod quantise;
mod random;
pub mod recipe;
mod run;
mod ship;
mod stages;
mod variants;
mod vocabulary;

pub use corpus::sources::Source;
pub use error::TrainError;
pub use observer::{Event, Measurements, Observer, Progress, Silent};
pub use paths::{Paths, Start};
pub use recipe::Recipe;
pub use run::{Outcome, train};
pub use ship::{Card, Made, RowFormat, Run, pack};
pub use variants::{FAMILY, variants};

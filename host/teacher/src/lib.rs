//! The sentence encoders that memt's encoders learn from and are measured against, run from local files.
//!
//! The rooms, in the order of the data: `config` (what the files say) -> `tokens` (texts to ids) -> `tensors`
//! (weights) -> `bert` (the transformer) -> [`Teacher`] (pooled unit vectors) -> [`projected`] (vectors as a
//! trainer stores them). [`StaticModel`] is the other kind of model: the mean of one row a token.
//!
//! ```no_run
//! # fn main() -> Result<(), memt_teacher::TeacherError> {
//! let teacher = memt_teacher::Teacher::open("all-MiniLM-L6-v2".as_ref())?;
//! let vectors = teacher.encode(&["the boiler valve was replaced", "when did we fix the heating?"])?;
//! println!("cosine {:.2}", vectors.row(0).dot(&vectors.row(1)));
//! # Ok(())
//! # }
//! ```
//!
//! Not here: downloading, GPUs, models other than BERT with learned positions and exact GELU.
#![forbid(unsafe_code)]

mod bert;
mod config;
mod error;
pub mod numpy;
pub mod projected;
mod static_model;
mod teacher;
mod tensors;
mod tokens;

pub use error::TeacherError;
pub use static_model::StaticModel;
pub use teacher::Teacher;

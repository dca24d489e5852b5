//! How good a text encoder or a retrieval system is: evaluation sets, metrics, baselines, intervals.
//!
//! The rooms, in the order of the data:
//! [`datasets`] (files to typed sets) -> [`rank`] (what a system must answer) -> [`dense`], [`lexical`], [`fused`]
//! (systems) -> [`mod@evaluate`] -> [`observations`] (what was seen, one value a query or pair) -> [`metrics`] ->
//! [`bootstrap`] (intervals, paired differences) -> [`report`] (table, JSON).
//!
//! ```no_run
//! use memt_eval::{Bm25, Bootstrap, Dense, Fused, System, datasets, evaluate, fused, report::TableOptions};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let encode = |texts: &[&str]| ndarray::Array2::<f32>::zeros((texts.len(), 128));
//! let sets = datasets::load(std::path::Path::new("../shared/data/eval"), datasets::dev())?;
//! let dense = Dense::new(&encode);
//! let bm25 = Bm25::plain();
//! let both = Fused::new(&dense, &bm25, fused::min_max_mean);
//! let systems = [System::new("dense", &dense), System::new("bm25", &bm25), System::new("fused", &both)];
//! let mut report = evaluate(&systems, &sets, &|progress| eprintln!("{progress}"))?;
//! let bootstrap = Bootstrap::default();
//! bootstrap.intervals(&mut report);
//! bootstrap.compare(&mut report, "bm25", &["fused"])?;
//! print!("{}", report.table(&TableOptions::default()));
//! println!("{}", report.to_json()?);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod bootstrap;
pub mod datasets;
pub mod dense;
pub mod evaluate;
pub mod fused;
pub mod lexical;
pub mod metrics;
pub mod observations;
pub mod random;
pub mod rank;
pub mod report;

pub use bootstrap::Bootstrap;
pub use datasets::Dataset;
pub use dense::{Dense, Encoder, Integers};
pub use evaluate::{Progress, System, evaluate};
pub use fused::Fused;
pub use lexical::{Bm25, TfIdf};
pub use metrics::Metric;
pub use random::Random;
pub use rank::{GroupRanker, RankError, Ranker};
pub use report::Report;

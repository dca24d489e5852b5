//! Looking into a bank: what a memory stands for, how a write came out, where memories lie among each
//! other. Nothing here changes a memory.

mod clusters;
mod colours;
mod drawing;
mod labels;
mod layout;
mod lexicon;
mod map;
mod neighbourhood;
mod trace;
mod trace_drawing;
mod vectors;
mod xml;

pub use drawing::{Colouring, draw_map};
pub use lexicon::{Described, Lexicon, LexiconError};
pub use map::{Cluster, Map, Point};
pub use trace::{Trace, trace_memory, trace_text};
pub use trace_drawing::draw_traces;

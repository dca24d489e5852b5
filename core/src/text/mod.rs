//! Text as words: what separates them, what continues them, how they are lower-cased and stemmed.

pub mod class;
pub mod mark;
pub mod script;
pub mod stem;
pub mod stop;
pub mod symbol;
pub mod words;

pub use class::CharClass;
pub use words::{Word, Words};

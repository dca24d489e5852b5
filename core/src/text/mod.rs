//! Text as words: what separates them, what continues them, how they are lower-cased and stemmed; and
//! text as characters.

pub mod characters;
pub mod class;
pub mod common;
pub mod mark;
pub mod script;
pub mod stem;
pub mod stop;
pub mod symbol;
pub mod words;

pub use characters::Characters;
pub use class::CharClass;
pub use words::{Word, Words};

//! Words as tokens: rows of the model's table.
//!
//! A word the model knows has a row of its own, found by a hash fingerprint, so no strings lie in
//! flash. Any other word is spelled out as hashed character 3-, 4- and 5-grams that share rows.

pub mod hash;
pub mod ngrams;
pub mod vocabulary;

pub use ngrams::{Ngram, ngrams};
pub use vocabulary::Vocabulary;

//! Words or characters as tokens: rows of the model's table.
//!
//! A word the model knows has a row of its own, found by a hash fingerprint, so no strings lie in
//! flash. Any other word is spelled out as hashed character 3-, 4- and 5-grams that share rows. A
//! model that reads characters knows an alphabet, and has one row for all other characters.

pub mod alphabet;
pub mod hash;
pub mod ngrams;
pub mod token;
pub mod vocabulary;

pub use alphabet::Alphabet;
pub use ngrams::{Ngram, ngrams};
pub use token::{Token, Tokens};
pub use vocabulary::Vocabulary;

//! The lexical side of a memory: hashed stems with counts, and BM25 over them.

mod bm25;
mod question;
mod signature;
mod term;

pub use bm25::{AT_LARGE, B, K1, Overlap, Statistics, overlap};
pub use question::{QueryTerm, asked_terms, matched_words, question_terms};
pub use signature::{NotASignature, Signature, Terms, TooManyTerms};
pub use term::{asked_term, term, terms};

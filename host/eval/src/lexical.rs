//! Lexical baselines: BM25 and TF-IDF cosine over terms that a closure finds in a text.

mod bm25;
mod postings;
mod terms;
mod tf_idf;

pub use bm25::Bm25;
pub use terms::plain_terms;
pub use tf_idf::TfIdf;

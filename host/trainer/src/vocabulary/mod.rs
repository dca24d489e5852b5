//! Which words have a row, and texts as rows: core's tokenizer over the trainer's tables.

mod selection;
mod store;

pub(crate) use selection::KnownWords;
pub(crate) use store::{TextStore, Token, words};

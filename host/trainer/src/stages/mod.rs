//! Where a model begins, before gradient descent on texts.

mod body;
mod eigen;
mod spelling;
mod word_vectors;

pub(crate) use body::initial_body;
pub(crate) use spelling::fit_spelling;
pub(crate) use word_vectors::from_word_vectors;

//! Losses: numbers and their gradients with respect to unit embeddings.

mod contrastive;
mod cosine;
mod similarity;
mod softmax;
mod squares;

pub(crate) use contrastive::contrastive;
pub(crate) use cosine::cosine_to_teacher;
pub(crate) use similarity::similarity_rows;
pub(crate) use squares::similarity_squares;

//! Losses: numbers and their gradients with respect to unit embeddings.

mod contrastive;
mod cosine;
mod similarity;
mod softmax;

pub(crate) use contrastive::contrastive;
pub(crate) use cosine::cosine_to_teacher;
pub(crate) use similarity::similarity_rows;

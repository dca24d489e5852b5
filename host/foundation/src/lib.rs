//! Forward and backward passes for training memt's encoders on a CPU.
//!
//! Every operation is one module with a forward and a backward pass over [`matrix::Matrix`], and a
//! test that holds the backward pass against numeric gradients. Texts of a batch lie one after
//! another without padding: T tokens in N texts. A gradient has the type of the weights that it is
//! the gradient of. A training step gives the same bits for any number of threads.
//!
//! From the table to the loss: [`embedding`] -> [`bag`] or [`transformer`] ([`linear`],
//! [`encoder_layer`] of [`layer_norm`], [`attention`], [`activation`]; [`pooling`]) ->
//! [`unit_rows`] -> [`cosine_loss`] and [`similarity_loss`]; then [`adam`]. [`distillation`] joins
//! them to a step.

pub mod activation;
pub mod adam;
pub mod attention;
pub mod bag;
pub mod cosine_loss;
pub mod distillation;
pub mod embedding;
pub mod encoder;
pub mod encoder_layer;
pub mod exponential;
#[cfg(test)]
mod gradient_check;
pub mod layer_norm;
pub mod linear;
pub mod matrix;
pub mod measurement;
pub mod pooling;
pub mod problem;
pub mod reduction;
pub mod similarity_loss;
pub mod softmax;
pub mod tensors;
pub mod transformer;
pub mod unit_rows;

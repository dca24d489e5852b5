//! Operations of networks, forwards and backwards.
//!
//! One operation a file, each with a test that holds its backward pass against numeric gradients.
//! Texts lie one after another without padding: T tokens in N texts. A gradient has the type of the
//! weights that it is the gradient of. Activations are kept from step to step, so that no step
//! allocates its large matrices again.

pub(crate) mod activation;
mod attention;
mod exponential;
mod layer;
mod linear;
mod matrix;
mod norm;
mod pooling;
mod reduction;
mod saturation;
mod softmax;
mod strip;
mod tensors;
mod transformer;

pub use activation::Activation;
pub(crate) use attention::{AttentionWeights, ranges};
pub(crate) use exponential::exponential;
pub(crate) use layer::{Layer, LayerActivations};
pub(crate) use linear::Linear;
pub(crate) use matrix::{Matrix, multiply, multiply_add, view};
pub(crate) use norm::Normalised;
pub(crate) use pooling::Pooled;
pub use pooling::Pooling;
pub(crate) use reduction::{dot, largest, sum};
pub(crate) use saturation::{BodyUnits, LARGEST, LayerUnits, Saturation, WIDE_UNIT};
pub(crate) use strip::Strip;
pub(crate) use tensors::{Shape, Tensors};
pub(crate) use transformer::{Transformer, TransformerActivations, places};

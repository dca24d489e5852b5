//! What happens between matrices, in integers.
//!
//! Each operation states its formula and how far it lies from it; the trainer's quantised forward
//! pass calls the same functions.
//!
//! | numbers | bits | worth of a step |
//! |---|---|---|
//! | residual stream | 16 | as the trainer chose |
//! | residual stream after [`affine_norm`] | 16 | 1/256 |
//! | what convolutions read | 8 | 256 steps of the stream |
//! | [`norm8`], [`narrow`], what matrices read | 8 | `1 / 2^norm_bits`, as the image says |
//! | [`norm12`], what is pooled | 16 | 1/4096 |
//! | queries, keys | 8 | their product counts 1/1024 of a power of two |
//! | values, hidden activations | 8 | as the trainer chose |

mod activation;
mod attention;
mod narrow;
mod norm;
mod pooling;
mod requantise;

pub use crate::encoder::kernel::{saturate8, saturate16};
pub use activation::{GELU_UNIT, gelu, relu};
pub use attention::{
    LONGEST_ATTENTION, Reciprocal, SCORE_BITS, attend, attention_weights, weighted_mean,
};
pub use narrow::{CONV_BITS, narrow};
pub use norm::{GAIN_BITS, NORM12_UNIT, STREAM_BITS, affine_norm, norm8, norm12};
pub use pooling::mean;
pub use requantise::{MAX_MULTIPLIER, MULTIPLIER_BITS, requantise};

use requantise::round_high_half;

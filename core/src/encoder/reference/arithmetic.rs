//! What numbers between matrices are worth.

use crate::encoder::image::{Image, ImageError};
use crate::encoder::ops::{
    CONV_BITS, GELU_UNIT, MULTIPLIER_BITS, NORM12_UNIT, SCORE_BITS, STREAM_BITS,
};
use crate::encoder::tensor::{MatrixName, TensorFormat, TensorName};
use crate::encoder::weights::find_row_multiplier;

/// The units of an image, by the numbers of its matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    /// True units.
    Floats,
    /// Those of the integer encoder.
    Integers,
}

impl Arithmetic {
    /// That of a body with pooling.
    pub(super) fn of(image: &Image<'_>) -> Result<Self, ImageError> {
        let pooled = image.tensor(TensorName::Weights(MatrixName::Pooled), 0)?;
        Ok(match pooled.entry.format {
            TensorFormat::F32 => Self::Floats,
            _ => Self::Integers,
        })
    }

    /// From raw rows to the stream.
    pub(super) fn row_unit(self, image: &Image<'_>) -> Result<f32, ImageError> {
        Ok(match self {
            Self::Floats => 1.0,
            Self::Integers => find_row_multiplier(image)? as f32 / (1 << MULTIPLIER_BITS) as f32,
        })
    }

    /// What a norm adds to the variance.
    pub(super) const fn epsilon(self) -> f32 {
        match self {
            Self::Floats => 1e-5,
            Self::Integers => 0.0,
        }
    }

    /// A deviation, in what matrices read of a norm.
    pub(super) const fn narrow_unit(self, norm_bits: u8) -> f32 {
        match self {
            Self::Floats => 1.0,
            Self::Integers => (1 << norm_bits) as f32,
        }
    }

    /// A deviation, in what is pooled of a norm.
    pub(super) const fn wide_unit(self) -> f32 {
        match self {
            Self::Floats => 1.0,
            Self::Integers => NORM12_UNIT as f32,
        }
    }

    /// Steps of a stream with norms on it, in what matrices read.
    pub(super) const fn stream_share(self, norm_bits: u8) -> f32 {
        match self {
            Self::Floats => 1.0,
            Self::Integers => (1 << norm_bits) as f32 / (1 << STREAM_BITS) as f32,
        }
    }

    /// Steps of the stream of convolutions, in what they read.
    pub(super) const fn conv_share(self) -> f32 {
        match self {
            Self::Floats => 1.0,
            Self::Integers => 1.0 / (1 << CONV_BITS) as f32,
        }
    }

    /// What a product of query and key of `head_width` numbers counts in the exponent of e.
    pub(super) fn score_unit(self, head_width: usize) -> f32 {
        match self {
            Self::Floats => 1.0 / libm::sqrtf(head_width as f32),
            Self::Integers => core::f32::consts::LN_2 / (1 << SCORE_BITS) as f32,
        }
    }

    /// One, in the input and output of Gelu.
    pub(super) const fn activation_unit(self) -> f32 {
        match self {
            Self::Floats => 1.0,
            Self::Integers => GELU_UNIT as f32,
        }
    }
}

//! Sizes of bodies.

use super::{ConfigError, FrontEnd, MAX_ROW_WIDTH};
use crate::encoder::kernel::{COLUMN_MULTIPLE, MAX_COLUMNS};
use crate::encoder::ops::LONGEST_ATTENTION;
use serde::{Deserialize, Serialize};

/// Sizes of a transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformerConfig {
    /// D: numbers of the residual stream, a multiple of 32 and of the heads.
    pub width: u16,
    /// How many layers, at most [`MAX_LAYERS`].
    pub layers: u8,
    /// H: heads of attention.
    pub heads: u8,
    /// F: numbers between the two matrices of a feed-forward part, a multiple of 32.
    pub hidden: u16,
    /// Between those matrices.
    pub activation: Activation,
    /// Whether each place in a window has a vector of its own.
    pub positions: bool,
    /// From tokens to a window.
    pub pooling: Pooling,
    /// Whether the sum of the rows has a way of its own to the embedding.
    pub bag: bool,
    /// Bits after the binary point of what matrices read of a norm, at most [`MAX_NORM_BITS`]: bytes, which
    /// end at `127 / 2^norm_bits` deviations. Nothing to an image of floats.
    pub norm_bits: u8,
}

/// Sizes of a stack of convolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConvConfig {
    /// C: numbers of a token after each layer, a multiple of 32.
    pub channels: u16,
    /// How many layers, at most [`MAX_LAYERS`].
    pub layers: u8,
    /// Whether a layer adds to what it read, where widths agree.
    pub residual: bool,
    /// From tokens to a window.
    pub pooling: Pooling,
}

/// A function of each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Activation {
    /// `max(0, x)`
    Relu,
    /// `x (1 + erf(x / sqrt 2)) / 2`
    Gelu,
}

/// From the tokens of a window to one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Pooling {
    /// The mean of each number.
    Mean,
    /// The largest of each number.
    Max,
    /// Both, one after the other.
    MeanMax,
}

impl Pooling {
    /// P: numbers that tokens of `width` numbers become.
    pub const fn width(self, width: usize) -> usize {
        match self {
            Self::Mean | Self::Max => width,
            Self::MeanMax => 2 * width,
        }
    }

    /// Widest token that it takes.
    const fn widest(self) -> u16 {
        match self {
            Self::Mean | Self::Max => MAX_BODY_WIDTH,
            Self::MeanMax => MAX_BODY_WIDTH / 2,
        }
    }
}

/// Widest body: what a norm can take. Bodies of `MeanMax` pooling are at most half as wide, for the
/// sums of their last matrix to stay in 32 bits (128 x 32767 x 511 < 2^31).
pub const MAX_BODY_WIDTH: u16 = 480;

/// Widest feed-forward part.
pub const MAX_HIDDEN: u16 = MAX_COLUMNS as u16;

/// Widest layer of convolutions: three neighbours are the columns of a matrix.
pub const MAX_CHANNELS: u16 = 320;

/// Most bits after the binary point of a normed number: two deviations are the least that it must hold.
pub const MAX_NORM_BITS: u8 = 6;

/// Most layers.
pub const MAX_LAYERS: u8 = 32;

impl TransformerConfig {
    #[inline]
    pub(super) fn check(&self, front: &FrontEnd) -> Result<(), ConfigError> {
        if usize::from(front.window()) > LONGEST_ATTENTION {
            return Err(ConfigError::Attention(front.window()));
        }
        let limit = self.pooling.widest();
        let whole_heads = self.heads > 0 && self.width.is_multiple_of(self.heads.into());
        if !is_matrix_width(self.width, limit) || !whole_heads {
            return Err(ConfigError::Width {
                width: self.width,
                heads: self.heads,
                limit,
            });
        }
        if !is_matrix_width(self.hidden, MAX_HIDDEN) {
            return Err(ConfigError::Hidden(self.hidden));
        }
        if self.norm_bits > MAX_NORM_BITS {
            return Err(ConfigError::NormBits(self.norm_bits));
        }
        check_layers(self.layers)
    }
}

impl ConvConfig {
    #[inline]
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let limit = self.pooling.widest().min(MAX_CHANNELS);
        if !is_matrix_width(self.channels, limit) {
            return Err(ConfigError::Channels {
                channels: self.channels,
                limit,
            });
        }
        check_layers(self.layers)
    }
}

/// Rows that a matrix reads.
#[inline]
pub(super) fn check_matrix_rows(front: &FrontEnd) -> Result<(), ConfigError> {
    let row_width = front.row_width() as u16;
    match is_matrix_width(row_width, MAX_ROW_WIDTH) {
        true => Ok(()),
        false => Err(ConfigError::MatrixRowWidth(row_width)),
    }
}

/// Rows that are the first residual stream.
#[inline]
pub(super) fn check_raw_rows(front: &FrontEnd, width: u16) -> Result<(), ConfigError> {
    let row_width = front.row_width() as u16;
    match row_width == width {
        true => Ok(()),
        false => Err(ConfigError::RawRows { row_width, width }),
    }
}

#[inline]
fn check_layers(layers: u8) -> Result<(), ConfigError> {
    match layers {
        1..=MAX_LAYERS => Ok(()),
        _ => Err(ConfigError::Layers(layers)),
    }
}

#[inline]
fn is_matrix_width(width: u16, limit: u16) -> bool {
    (1..=limit).contains(&width) && usize::from(width).is_multiple_of(COLUMN_MULTIPLE)
}

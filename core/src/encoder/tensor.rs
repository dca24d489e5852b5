//! Tensors as they lie in an image: borrowed bytes with a shape and a number format.

use core::fmt;
use serde::{Deserialize, Serialize};

/// What a tensor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TensorName {
    /// `[2^B + 1]` u16: first row of each vocabulary bucket.
    VocabularyStarts,
    /// `[W]` u16: remainder of each known word.
    VocabularyRemainders,
    /// `[W + G, R]`: rows of known words, then of n-grams.
    Rows,
    /// `[W + G]` u16, at most [`MAX_ROW_SCALE`]: what one step of each row is worth.
    RowScales,
    /// `[D, R]`: from a sum of rows to an embedding.
    Projection,
    /// `[D]` u16: what one step of each projection row is worth.
    ProjectionScales,
    /// `[O, I]`: a matrix of a body.
    Weights(MatrixName),
    /// `[O]` u32: from the sums of a matrix to the numbers after it, times 2^24.
    Multipliers(MatrixName),
    /// `[O]` i32, what is added to the sums; or floats. Zeros if there is none.
    Biases(MatrixName),
    /// `[T, D]`: what is added to the stream at each place of a window.
    Positions,
    /// `[T]` u32: from the numbers of each position to steps of the stream, times 2^24.
    PositionMultipliers,
    /// `[A]` u32: the code points of the characters that have rows, ascending.
    Characters,
    /// `[D]`: what the norm of a stream is multiplied by, in 1/4096; or floats.
    Gains(NormName),
    /// `[D]`: what is added after that, in steps of the stream; or floats.
    Offsets(NormName),
    /// `[F, R]`: second rows, for what rounding left of the first.
    FineRows,
    /// `[F]` u16, at most [`MAX_ROW_SCALE`]: what one step of each second row is worth.
    FineScales,
    /// `[F]` u16: the rows to which the second rows are added, ascending.
    FinePlaces,
}

impl fmt::Display for TensorName {
    // Not by `Debug`, whose machinery a chip needs for nothing else.
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, of) = match *self {
            Self::VocabularyStarts => ("VocabularyStarts", ""),
            Self::VocabularyRemainders => ("VocabularyRemainders", ""),
            Self::Rows => ("Rows", ""),
            Self::RowScales => ("RowScales", ""),
            Self::Projection => ("Projection", ""),
            Self::ProjectionScales => ("ProjectionScales", ""),
            Self::Weights(matrix) => ("Weights", matrix.as_str()),
            Self::Multipliers(matrix) => ("Multipliers", matrix.as_str()),
            Self::Biases(matrix) => ("Biases", matrix.as_str()),
            Self::Positions => ("Positions", ""),
            Self::PositionMultipliers => ("PositionMultipliers", ""),
            Self::Characters => ("Characters", ""),
            Self::Gains(norm) => ("Gains", norm.as_str()),
            Self::Offsets(norm) => ("Offsets", norm.as_str()),
            Self::FineRows => ("FineRows", ""),
            Self::FineScales => ("FineScales", ""),
            Self::FinePlaces => ("FinePlaces", ""),
        };
        formatter.write_str(kind)?;
        match of {
            "" => Ok(()),
            of => write!(formatter, "({of})"),
        }
    }
}

/// Which norm of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum NormName {
    /// After attention.
    Attention,
    /// After the feed-forward part.
    FeedForward,
}

impl NormName {
    #[inline]
    fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "Attention",
            Self::FeedForward => "FeedForward",
        }
    }
}

/// Which matrix of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MatrixName {
    /// `[D, R]`: from rows to the residual stream. A body over raw rows has only its multiplier, one
    /// number: from rows to steps of the stream.
    Input,
    /// `[D, D]`: to queries.
    Query,
    /// `[D, D]`: to keys.
    Key,
    /// `[D, D]`: to values.
    Value,
    /// `[D, D]`: from attention to the stream.
    Context,
    /// `[F, D]`: into a feed-forward part.
    Expand,
    /// `[D, F]`: out of it.
    Contract,
    /// `[E, P]`: from pooled tokens to the embedding.
    Pooled,
    /// `[E, R]`: from the sum of the rows to the embedding.
    Bag,
    /// `[C, 3 I]`: from a token and its neighbours, the one before it first, to the next layer.
    Convolution,
}

impl MatrixName {
    #[inline]
    fn as_str(self) -> &'static str {
        match self {
            Self::Input => "Input",
            Self::Query => "Query",
            Self::Key => "Key",
            Self::Value => "Value",
            Self::Context => "Context",
            Self::Expand => "Expand",
            Self::Contract => "Contract",
            Self::Pooled => "Pooled",
            Self::Bag => "Bag",
            Self::Convolution => "Convolution",
        }
    }
}

/// Largest row scale: twelve bits leave room for sums (see
/// [`MAX_WINDOW`](super::config::MAX_WINDOW)).
pub const MAX_ROW_SCALE: u16 = 4095;

/// How the numbers of a tensor are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TensorFormat {
    /// -8 to 7, packed (see [`packed`](super::packed)).
    I4,
    /// -127 to 127.
    I8,
    /// Little-endian.
    U16,
    /// IEEE 754 single precision, little-endian.
    F32,
    /// -8 to 7, in the order of [`kernel::Matrix`](super::kernel::Matrix).
    PairedI4,
    /// -128 to 127, in the order of [`kernel::Matrix`](super::kernel::Matrix).
    PairedI8,
    /// Little-endian, at most [`MAX_MULTIPLIER`](super::ops::MAX_MULTIPLIER).
    U32,
    /// Little-endian, two's complement.
    I32,
    /// Little-endian, two's complement.
    I16,
    /// -3, -1, 1 or 3, packed (see [`packed`](super::packed)).
    I2,
}

impl TensorFormat {
    /// Bytes of a row of `columns` numbers.
    pub const fn row_bytes(self, columns: u32) -> u64 {
        match self {
            Self::I2 => (columns as u64).div_ceil(4),
            Self::I4 | Self::PairedI4 => (columns as u64).div_ceil(2),
            Self::I8 | Self::PairedI8 => columns as u64,
            Self::U16 | Self::I16 => 2 * columns as u64,
            Self::F32 | Self::U32 | Self::I32 => 4 * columns as u64,
        }
    }
}

/// A line of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorEntry {
    /// What it is for.
    pub name: TensorName,
    /// Which layer of the body it belongs to; 0 where there is one.
    pub layer: u8,
    /// How its numbers are stored.
    pub format: TensorFormat,
    /// Rows.
    pub rows: u32,
    /// Numbers a row.
    pub columns: u32,
    /// Where it begins in the image, a multiple of [`super::image::ALIGNMENT`].
    pub offset: u32,
}

impl TensorEntry {
    /// Bytes of the whole tensor.
    pub const fn bytes(&self) -> u64 {
        (self.rows as u64).saturating_mul(self.format.row_bytes(self.columns))
    }
}

/// A tensor borrowed from an image.
#[derive(Clone, Copy, Debug)]
pub struct Tensor<'m> {
    /// Its line of the directory.
    pub entry: TensorEntry,
    /// Its numbers.
    pub bytes: &'m [u8],
}

impl<'m> Tensor<'m> {
    /// The bytes of row `row`.
    #[inline]
    pub fn row(&self, row: usize) -> &'m [u8] {
        let length = self.entry.format.row_bytes(self.entry.columns) as usize;
        &self.bytes[row * length..(row + 1) * length]
    }

    /// Number `index` of a u16 tensor.
    #[inline]
    pub fn u16_at(&self, index: usize) -> u16 {
        u16::from_le_bytes([self.bytes[2 * index], self.bytes[2 * index + 1]])
    }

    /// Number `index` of an i16 tensor.
    #[inline]
    pub fn i16_at(&self, index: usize) -> i16 {
        self.u16_at(index) as i16
    }

    /// Number `index` of a u32 tensor.
    #[inline]
    pub fn u32_at(&self, index: usize) -> u32 {
        u32::from_le_bytes(self.four_bytes(index))
    }

    /// Number `index` of an i32 tensor.
    #[inline]
    pub fn i32_at(&self, index: usize) -> i32 {
        i32::from_le_bytes(self.four_bytes(index))
    }

    /// Number `index` of an f32 tensor.
    #[inline]
    pub fn f32_at(&self, index: usize) -> f32 {
        f32::from_le_bytes(self.four_bytes(index))
    }

    #[inline]
    fn four_bytes(&self, index: usize) -> [u8; 4] {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.bytes[4 * index..4 * index + 4]);
        bytes
    }
}

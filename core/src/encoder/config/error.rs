//! Sizes that cannot be.

use super::{MAX_HIDDEN, MAX_LAYERS, MAX_NORM_BITS, MAX_ROW_WIDTH, MAX_WINDOW};
use crate::encoder::kernel::COLUMN_MULTIPLE;
use crate::encoder::ops::LONGEST_ATTENTION;
use core::fmt;

/// A size outside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The row width is not in 1 to [`MAX_ROW_WIDTH`].
    RowWidth(u16),
    /// The body reads rows by a matrix, whose columns are a multiple of 32.
    MatrixRowWidth(u16),
    /// The body works on the rows themselves, but they are not as wide as it is.
    RawRows {
        /// Numbers a row.
        row_width: u16,
        /// Numbers of the stream.
        width: u16,
    },
    /// The window is not in 1 to [`MAX_WINDOW`].
    Window(u16),
    /// Tokens that attend to each other are at most
    /// [`LONGEST_ATTENTION`](crate::encoder::ops::LONGEST_ATTENTION).
    Attention(u16),
    /// The body's width is not a multiple of 32 and of its heads, or too large for its pooling.
    Width {
        /// Numbers of the stream.
        width: u16,
        /// Heads.
        heads: u8,
        /// Most numbers for this pooling.
        limit: u16,
    },
    /// The feed-forward width is not a multiple of 32 up to [`MAX_HIDDEN`].
    Hidden(u16),
    /// The channels are not a multiple of 32, or too many for the pooling.
    Channels {
        /// Numbers of a token.
        channels: u16,
        /// Most numbers for this pooling.
        limit: u16,
    },
    /// Normed numbers have more than [`MAX_NORM_BITS`] bits after the binary point.
    NormBits(u8),
    /// The number of layers is not in 1 to [`MAX_LAYERS`].
    Layers(u8),
    /// There are no n-gram rows, so unknown words would vanish.
    NoNgrams,
    /// More rows than 32 bits can count.
    Rows {
        /// Word rows.
        words: u32,
        /// N-gram rows.
        ngrams: u32,
    },
}

impl fmt::Display for ConfigError {
    #[inline]
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowWidth(width) => {
                write!(
                    formatter,
                    "row width {width} is outside 1..={MAX_ROW_WIDTH}"
                )
            }
            Self::MatrixRowWidth(width) => write!(
                formatter,
                "row width {width} is not a multiple of {COLUMN_MULTIPLE}, as this body needs"
            ),
            Self::RawRows { row_width, width } => write!(
                formatter,
                "row width {row_width} is not the body's width {width}, as this body needs"
            ),
            Self::Window(window) => {
                write!(
                    formatter,
                    "window of {window} tokens is outside 1..={MAX_WINDOW}"
                )
            }
            Self::Attention(window) => write!(
                formatter,
                "window of {window} tokens, at most {LONGEST_ATTENTION} can attend to each other"
            ),
            Self::Width {
                width,
                heads,
                limit,
            } => write!(
                formatter,
                "body width {width} is not a multiple of {COLUMN_MULTIPLE} and of {heads} heads, up to {limit}"
            ),
            Self::Hidden(hidden) => write!(
                formatter,
                "feed-forward width {hidden} is not a multiple of {COLUMN_MULTIPLE} up to {MAX_HIDDEN}"
            ),
            Self::Channels { channels, limit } => write!(
                formatter,
                "{channels} channels are not a multiple of {COLUMN_MULTIPLE} up to {limit}"
            ),
            Self::Layers(layers) => {
                write!(formatter, "{layers} layers are outside 1..={MAX_LAYERS}")
            }
            Self::NormBits(bits) => {
                write!(formatter, "{bits} bits of a norm, at most {MAX_NORM_BITS}")
            }
            Self::NoNgrams => formatter.write_str("a model needs at least one n-gram row"),
            Self::Rows { words, ngrams } => {
                write!(
                    formatter,
                    "{words} word rows and {ngrams} n-gram rows are too many"
                )
            }
        }
    }
}

impl core::error::Error for ConfigError {}

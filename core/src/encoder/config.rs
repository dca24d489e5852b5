//! What an image says about its model: front end and body with their sizes.

use super::kernel::COLUMN_MULTIPLE;
use super::ops::LONGEST_ATTENTION;
use serde::{Deserialize, Serialize};

/// The architecture of a model. Stored by postcard after the image's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// How text becomes rows.
    pub front: FrontEnd,
    /// How rows become an embedding.
    pub body: Body,
}

/// How text becomes rows of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FrontEnd {
    /// Known words and hashed character n-grams.
    Words(WordsConfig),
}

/// Sizes of the word front end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsConfig {
    /// W: words with a row of their own, the first rows of the table.
    pub words: u32,
    /// G: rows shared by hashed n-grams, after those of the words.
    pub ngrams: u32,
    /// R: numbers a row, 1 to [`MAX_ROW_WIDTH`].
    pub row_width: u16,
    /// B: bits of a bucket number in the fingerprint table.
    pub bucket_bits: u8,
    /// Most words encoded together, 1 to [`MAX_WINDOW`]; a longer text is cut into windows.
    pub window: u16,
}

/// How rows become an embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Body {
    /// The sum of the rows, projected.
    Bag,
    /// Tokens that attend to each other, pooled, beside the sum of the rows.
    Transformer(TransformerConfig),
}

/// Sizes of a transformer.
///
/// ```text
/// u_t = norm(x_t)                                    x_t: the row of token t    [R]
/// h_t = W_in u_t + b [+ position t]                                             [D]
/// a layer:  h += W_context attention(norm(h)) + b;  h += W_contract act(W_expand norm(h) + b) + b
/// e   = W_pooled pool(norm(h)) + b [+ W_bag norm(sum_t x_t)]                    [E]
/// ```
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
    /// Numbers that tokens of `width` numbers become.
    pub const fn width(self, width: usize) -> usize {
        match self {
            Self::Mean | Self::Max => width,
            Self::MeanMax => 2 * width,
        }
    }
}

/// Widest row: sums of `i8 x i16` products over a row stay in 32 bits (127 x 32767 x 256 < 2^31).
pub const MAX_ROW_WIDTH: u16 = 256;

/// Longest window: sums of scaled rows over it stay in 32 bits (127 x 4095 x 1024 < 2^31).
pub const MAX_WINDOW: u16 = 1024;

/// Widest body: what a norm can take. Bodies of `MeanMax` pooling are at most half as wide, for the
/// sums of their last matrix to stay in 32 bits (128 x 32767 x 511 < 2^31).
pub const MAX_BODY_WIDTH: u16 = 480;

/// Widest feed-forward part.
pub const MAX_HIDDEN: u16 = 1024;

/// Most layers.
pub const MAX_LAYERS: u8 = 32;

/// A size outside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The row width is not in 1 to [`MAX_ROW_WIDTH`].
    RowWidth(u16),
    /// The window is not in 1 to [`MAX_WINDOW`].
    Window(u16),
    /// Tokens that attend to each other are at most
    /// [`LONGEST_ATTENTION`](super::ops::LONGEST_ATTENTION).
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

impl core::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::RowWidth(width) => {
                write!(
                    formatter,
                    "row width {width} is outside 1..={MAX_ROW_WIDTH}"
                )
            }
            Self::Window(window) => {
                write!(
                    formatter,
                    "window of {window} words is outside 1..={MAX_WINDOW}"
                )
            }
            Self::Attention(window) => write!(
                formatter,
                "window of {window} words, at most {LONGEST_ATTENTION} can attend to each other"
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
            Self::Layers(layers) => {
                write!(formatter, "{layers} layers are outside 1..={MAX_LAYERS}")
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

impl Config {
    /// Checks every size against its limits.
    pub fn check(&self) -> Result<(), ConfigError> {
        let FrontEnd::Words(front) = self.front;
        front.check()?;
        match self.body {
            Body::Bag => Ok(()),
            Body::Transformer(body) => body.check(&front),
        }
    }

    /// Bytes of [`Scratch`](super::Scratch) that encoding needs.
    pub const fn scratch_bytes(&self) -> usize {
        let FrontEnd::Words(front) = self.front;
        match self.body {
            // The sum of the window, and the sum of one word's n-grams or the activations.
            Body::Bag => 2 * front.row_width as usize * size_of::<i32>(),
            Body::Transformer(body) => body.scratch_bytes(&front),
        }
    }

    /// Bytes of [`Scratch`](super::Scratch) that encoding in floats needs.
    pub const fn reference_scratch_bytes(&self) -> usize {
        let FrontEnd::Words(front) = self.front;
        match self.body {
            Body::Bag => self.scratch_bytes(),
            Body::Transformer(body) => {
                let (rows, window) = (front.row_width as usize, front.window as usize);
                size_of::<f32>() * super::transformer::reference::floats(&body, rows, window)
            }
        }
    }

    /// Most words encoded together.
    pub const fn window(&self) -> usize {
        let FrontEnd::Words(front) = self.front;
        front.window as usize
    }
}

impl WordsConfig {
    fn check(&self) -> Result<(), ConfigError> {
        if self.row_width == 0 || self.row_width > MAX_ROW_WIDTH {
            return Err(ConfigError::RowWidth(self.row_width));
        }
        if self.window == 0 || self.window > MAX_WINDOW {
            return Err(ConfigError::Window(self.window));
        }
        if self.ngrams == 0 {
            return Err(ConfigError::NoNgrams);
        }
        match self.words.checked_add(self.ngrams) {
            Some(_) => Ok(()),
            None => Err(ConfigError::Rows {
                words: self.words,
                ngrams: self.ngrams,
            }),
        }
    }
}

impl TransformerConfig {
    fn check(&self, front: &WordsConfig) -> Result<(), ConfigError> {
        if usize::from(front.window) > LONGEST_ATTENTION {
            return Err(ConfigError::Attention(front.window));
        }
        if !is_matrix_width(front.row_width, MAX_ROW_WIDTH) {
            return Err(ConfigError::RowWidth(front.row_width));
        }
        let limit = match self.pooling {
            Pooling::Mean | Pooling::Max => MAX_BODY_WIDTH,
            Pooling::MeanMax => MAX_BODY_WIDTH / 2,
        };
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
        if self.layers == 0 || self.layers > MAX_LAYERS {
            return Err(ConfigError::Layers(self.layers));
        }
        Ok(())
    }

    const fn scratch_bytes(&self, front: &WordsConfig) -> usize {
        super::transformer::buffers::bytes(self, front)
    }
}

fn is_matrix_width(width: u16, limit: u16) -> bool {
    (1..=limit).contains(&width) && usize::from(width).is_multiple_of(COLUMN_MULTIPLE)
}

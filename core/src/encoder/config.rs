//! What an image says about its model: front end and body with their sizes.

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
}

/// Widest row: sums of `i8 x i16` products over a row stay in 32 bits (127 x 32767 x 256 < 2^31).
pub const MAX_ROW_WIDTH: u16 = 256;

/// Longest window: sums of scaled rows over it stay in 32 bits (127 x 4095 x 1024 < 2^31).
pub const MAX_WINDOW: u16 = 1024;

/// A size outside its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The row width is not in 1 to [`MAX_ROW_WIDTH`].
    RowWidth(u16),
    /// The window is not in 1 to [`MAX_WINDOW`].
    Window(u16),
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
        if front.row_width == 0 || front.row_width > MAX_ROW_WIDTH {
            return Err(ConfigError::RowWidth(front.row_width));
        }
        if front.window == 0 || front.window > MAX_WINDOW {
            return Err(ConfigError::Window(front.window));
        }
        if front.ngrams == 0 {
            return Err(ConfigError::NoNgrams);
        }
        match front.words.checked_add(front.ngrams) {
            Some(_) => Ok(()),
            None => Err(ConfigError::Rows {
                words: front.words,
                ngrams: front.ngrams,
            }),
        }
    }

    /// Bytes of [`Scratch`](super::Scratch) that encoding needs.
    pub const fn scratch_bytes(&self) -> usize {
        let FrontEnd::Words(front) = self.front;
        let Body::Bag = self.body;
        // The sum of the window, and the sum of one word's n-grams or the activations.
        2 * front.row_width as usize * size_of::<i32>()
    }

    /// Most words encoded together.
    pub const fn window(&self) -> usize {
        let FrontEnd::Words(front) = self.front;
        front.window as usize
    }
}

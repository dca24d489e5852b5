//! Sizes of front ends.

use super::ConfigError;
use crate::text::{Characters, Words};
use crate::tokens::Tokens;
use serde::{Deserialize, Serialize};

/// How text becomes rows of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FrontEnd {
    /// Known words and hashed character n-grams.
    Words(WordsConfig),
    /// Characters of an alphabet.
    Chars(CharsConfig),
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

/// Sizes of the character front end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharsConfig {
    /// A: characters with a row of their own, the first rows of the table; one row for all others
    /// comes after them.
    pub characters: u16,
    /// R: numbers a row, 1 to [`MAX_ROW_WIDTH`].
    pub row_width: u16,
    /// Most characters encoded together, 1 to [`MAX_WINDOW`]; a longer text is cut into windows.
    pub window: u16,
}

/// Widest row: sums of `i8 x i16` products over a row stay in 32 bits (127 x 32767 x 256 < 2^31).
pub const MAX_ROW_WIDTH: u16 = 256;

/// Longest window: sums of scaled rows over it stay in 32 bits (127 x 4095 x 1024 < 2^31).
pub const MAX_WINDOW: u16 = 1024;

impl FrontEnd {
    /// R: numbers a row.
    pub const fn row_width(&self) -> usize {
        match self {
            Self::Words(front) => front.row_width as usize,
            Self::Chars(front) => front.row_width as usize,
        }
    }

    /// Most tokens encoded together.
    pub const fn window(&self) -> u16 {
        match self {
            Self::Words(front) => front.window,
            Self::Chars(front) => front.window,
        }
    }

    /// Rows of the table.
    pub const fn rows(&self) -> u32 {
        match self {
            Self::Words(front) => front.words + front.ngrams,
            Self::Chars(front) => front.characters as u32 + 1,
        }
    }

    /// The tokens of `text`.
    pub fn tokens<'t>(&self, text: &'t str) -> Tokens<'t> {
        match self {
            Self::Words(_) => Tokens::Words(Words::of(text)),
            Self::Chars(_) => Tokens::Characters(Characters::of(text)),
        }
    }

    #[inline]
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=usize::from(MAX_ROW_WIDTH)).contains(&self.row_width()) {
            return Err(ConfigError::RowWidth(self.row_width() as u16));
        }
        if !(1..=MAX_WINDOW).contains(&self.window()) {
            return Err(ConfigError::Window(self.window()));
        }
        match self {
            Self::Words(front) => front.check(),
            Self::Chars(_) => Ok(()),
        }
    }
}

impl WordsConfig {
    #[inline]
    fn check(&self) -> Result<(), ConfigError> {
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

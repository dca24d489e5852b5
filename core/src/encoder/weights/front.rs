//! From tokens to rows.

use super::{IntegerTable, Table, find};
use crate::encoder::config::{FrontEnd, WordsConfig};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::ops::mean;
use crate::encoder::tensor::{TensorFormat, TensorName};
use crate::text::Word;
use crate::tokens::{Alphabet, Token, Vocabulary, hash::spread, ngrams};

/// The table of rows and what finds them.
#[derive(Clone, Copy, Debug)]
pub struct FrontWeights<'m, T> {
    /// R: numbers a row.
    pub row_width: usize,
    /// How tokens find their rows.
    pub lookup: Lookup<'m>,
    /// `[N, R]`
    pub rows: T,
}

/// How tokens find their rows.
#[derive(Clone, Copy, Debug)]
pub enum Lookup<'m> {
    /// Words, and n-grams of other words.
    Words {
        /// Known words.
        vocabulary: Vocabulary<'m>,
        /// W: rows of known words.
        words: u32,
        /// G: rows of n-grams.
        ngrams: u32,
    },
    /// Characters.
    Characters(Alphabet<'m>),
}

/// The rows that stand for a token.
pub(in crate::encoder) enum TokenRows<R> {
    /// One.
    Own(usize),
    /// The mean of these.
    Mean(R),
}

impl<'m> Lookup<'m> {
    #[inline]
    fn find(image: &Image<'m>, front: &FrontEnd) -> Result<Self, ImageError> {
        Ok(match front {
            FrontEnd::Words(front) => Self::Words {
                vocabulary: find_vocabulary(image, front)?,
                words: front.words,
                ngrams: front.ngrams,
            },
            FrontEnd::Chars(front) => {
                let shape = [front.characters.into(), 1];
                let characters = (TensorName::Characters, 0);
                let table = find(image, characters, TensorFormat::U32, shape)?;
                Self::Characters(Alphabet::new(table.bytes).map_err(ImageError::Alphabet)?)
            }
        })
    }

    /// The rows of `token`; of one of another kind than the model reads, the last row.
    #[inline]
    pub(in crate::encoder) fn rows(
        &self,
        token: Token<'_>,
    ) -> TokenRows<impl Iterator<Item = usize> + Clone> {
        match (self, token) {
            (
                Self::Words {
                    vocabulary,
                    words,
                    ngrams,
                },
                Token::Word(word),
            ) => match vocabulary.row(word) {
                Some(row) => TokenRows::Own(row as usize),
                None => TokenRows::Mean(spelled(word, *words, *ngrams)),
            },
            (Self::Words { words, ngrams, .. }, Token::Character(_)) => {
                TokenRows::Own((words + ngrams - 1) as usize)
            }
            (Self::Characters(alphabet), Token::Character(character)) => {
                TokenRows::Own(alphabet.row(character))
            }
            (Self::Characters(alphabet), Token::Word(_)) => TokenRows::Own(alphabet.characters()),
        }
    }
}

#[inline]
fn spelled(word: Word<'_>, words: u32, count: u32) -> impl Iterator<Item = usize> + Clone {
    ngrams(word).map(move |ngram| (words + spread(ngram.0, count)) as usize)
}

impl<'m> FrontWeights<'m, Table<'m>> {
    /// Finds and checks the tensors of `image`.
    #[inline]
    pub fn find(image: &Image<'m>) -> Result<Self, ImageError> {
        let front = &image.config().front;
        let shape = [front.rows(), front.row_width() as u32];
        Ok(Self {
            row_width: front.row_width(),
            lookup: Lookup::find(image, front)?,
            rows: Table::find(image, TensorName::Rows, TensorName::RowScales, shape)?,
        })
    }

    /// The same weights for the integer encoder, if they are integers.
    #[inline]
    pub fn integers(&self) -> Option<FrontWeights<'m, IntegerTable<'m>>> {
        Some(FrontWeights {
            row_width: self.row_width,
            lookup: self.lookup,
            rows: self.rows.integers()?,
        })
    }
}

impl FrontWeights<'_, IntegerTable<'_>> {
    /// Adds what stands for a token to `sums` `[R]`: its row, or the mean of its n-grams' rows, each
    /// number rounded; `spelled` `[R]` is working memory, zeros in a word without a row.
    pub(in crate::encoder) fn add_token(
        &self,
        token: Token<'_>,
        spelled: &mut [i32],
        sums: &mut [i32],
    ) {
        let rows = match self.lookup.rows(token) {
            TokenRows::Own(row) => return self.rows.add_row(row, sums),
            TokenRows::Mean(rows) => rows,
        };
        let mut count = 0;
        for row in rows {
            self.rows.add_row(row, spelled);
            count += 1;
        }
        for (sum, &spelled) in sums.iter_mut().zip(spelled.iter()) {
            *sum += mean(spelled, count);
        }
    }
}

#[inline]
fn find_vocabulary<'m>(
    image: &Image<'m>,
    front: &WordsConfig,
) -> Result<Vocabulary<'m>, ImageError> {
    let starts = image.tensor(TensorName::VocabularyStarts, 0)?;
    let shape = [front.words as usize, 1];
    let remainders = (TensorName::VocabularyRemainders, 0);
    let remainders = find(image, remainders, TensorFormat::U16, shape)?;
    if starts.entry.format != TensorFormat::U16 {
        return Err(ImageError::TensorShape(TensorName::VocabularyStarts));
    }
    Vocabulary::new(u32::from(front.bucket_bits), starts.bytes, remainders.bytes)
        .map_err(ImageError::Vocabulary)
}

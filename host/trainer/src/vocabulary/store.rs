//! Texts as rows, tokenised once.

use memt_core::text::{Word, Words};
use memt_core::tokens::hash::spread;
use memt_core::tokens::{Vocabulary, ngrams};
use rayon::prelude::*;

/// A row and how much of it a text takes: 1 for a known word, 1/n for an n-gram of a spelled word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) row: u32,
    pub(crate) share: f32,
}

/// The words of a text: the n rows of a spelled word follow each other, each with the share 1/n.
pub(crate) fn words(mut tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    std::iter::from_fn(move || {
        let rows = (1.0 / tokens.first()?.share).round() as usize;
        let (word, rest) = tokens.split_at(rows);
        tokens = rest;
        Some(word)
    })
}

/// Tokens of many texts, flat.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextStore {
    tokens: Vec<Token>,
    ends: Vec<usize>,
}

/// Texts a parallel piece of tokenising takes.
const PIECE: usize = 4096;

impl TextStore {
    /// Tokenises `texts` with a known-word table and `ngram_rows` rows for n-grams after it.
    pub(crate) fn of(texts: &[&str], table: Vocabulary<'_>, ngram_rows: u32) -> Self {
        Self::build(texts, |text, tokens| {
            for word in Words::of(text) {
                match table.row(word) {
                    Some(row) => tokens.push(Token { row, share: 1.0 }),
                    None => spell(word, table.words() as u32, ngram_rows, tokens),
                }
            }
        })
    }

    /// Spells out every word of `texts`, known or not.
    pub(crate) fn spelled(texts: &[&str], first_ngram_row: u32, ngram_rows: u32) -> Self {
        Self::build(texts, |text, tokens| {
            for word in Words::of(text) {
                spell(word, first_ngram_row, ngram_rows, tokens);
            }
        })
    }

    /// Texts of `words` tokens each.
    pub(crate) fn of_tokens(tokens: Vec<Token>, words: usize) -> Self {
        Self {
            ends: (1..=tokens.len() / words)
                .map(|text| text * words)
                .collect(),
            tokens,
        }
    }

    fn build(texts: &[&str], tokenise: impl Fn(&str, &mut Vec<Token>) + Sync) -> Self {
        let pieces: Vec<Self> = texts
            .par_chunks(PIECE)
            .map(|texts| {
                let mut piece = Self::default();
                for text in texts {
                    tokenise(text, &mut piece.tokens);
                    piece.ends.push(piece.tokens.len());
                }
                piece
            })
            .collect();
        let mut store = Self::default();
        for piece in pieces {
            let before = store.tokens.len();
            store.tokens.extend(piece.tokens);
            store.ends.extend(piece.ends.iter().map(|end| end + before));
        }
        store
    }

    /// `[rows]`: the sum of the squared shares with which texts take each row; the squared error of
    /// a row counts so often, if errors of rows are independent.
    pub(crate) fn uses(&self, rows: usize) -> Vec<f64> {
        let mut uses = vec![0.0; rows];
        for token in &self.tokens {
            uses[token.row as usize] += f64::from(token.share * token.share);
        }
        uses
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The tokens of a text, in its order.
    pub(crate) fn text(&self, index: usize) -> &[Token] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.tokens[start..self.ends[index]]
    }
}

fn spell(word: Word<'_>, first_row: u32, rows: u32, tokens: &mut Vec<Token>) {
    let before = tokens.len();
    tokens.extend(ngrams(word).map(|ngram| Token {
        row: first_row + spread(ngram.0, rows),
        share: 0.0,
    }));
    let share = 1.0 / (tokens.len() - before) as f32;
    for token in &mut tokens[before..] {
        token.share = share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_text_sum_to_its_words() {
        let table = Vocabulary::new(0, &[0, 0, 0, 0], &[]).unwrap();
        let store = TextStore::of(&["two words", "", "漢 x"], table, 50);
        assert_eq!(store.len(), 3);
        for (index, words) in [(0, 2.0), (1, 0.0), (2, 2.0)] {
            let sum: f32 = store.text(index).iter().map(|token| token.share).sum();
            assert!((sum - words).abs() < 1e-5);
        }
        assert!(store.text(0).iter().all(|token| token.row < 50));
        assert_eq!(store.text(2).len(), 2);
    }

    #[test]
    fn a_text_falls_into_its_words() {
        let table = Vocabulary::new(0, &[0, 0, 0, 0], &[]).unwrap();
        let text = "incomprehensibilities a of it of";
        let parts: Vec<&str> = text.split(' ').collect();
        let alone = TextStore::of(&parts, table, 50);
        let together = TextStore::of(&[text], table, 50);
        let found: Vec<&[Token]> = words(together.text(0)).collect();
        let expected: Vec<&[Token]> = (0..5).map(|index| alone.text(index)).collect();
        assert_eq!(found, expected);
    }
}

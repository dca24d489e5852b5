//! What a model reads one after another.

use crate::text::{Characters, Word, Words};

/// A piece of text with a vector of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    /// Of a model that reads words.
    Word(Word<'t>),
    /// Of a model that reads characters.
    Character(char),
}

/// The tokens of a text, first to last.
#[derive(Clone, Debug)]
pub enum Tokens<'t> {
    /// Words.
    Words(Words<'t>),
    /// Characters.
    Characters(Characters<'t>),
}

impl<'t> Tokens<'t> {
    /// The part of the text that has not been cut yet.
    pub fn rest(&self) -> &'t str {
        match self {
            Self::Words(words) => words.rest(),
            Self::Characters(characters) => characters.rest(),
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    #[inline]
    fn next(&mut self) -> Option<Token<'t>> {
        match self {
            Self::Words(words) => words.next().map(Token::Word),
            Self::Characters(characters) => characters.next().map(Token::Character),
        }
    }
}

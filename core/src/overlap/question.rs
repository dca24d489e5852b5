//! The terms of a question.

use super::signature::{Terms, TooManyTerms};
use super::term::asked_term;
use crate::text::{Word, Words};
use heapless::Vec;

/// One distinct term of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueryTerm {
    /// Its hash.
    pub hash: u32,
    /// How often the question says it.
    pub count: u32,
    /// Whether the question writes it like a name.
    pub name: bool,
    /// Memories that contain it.
    pub frequency: u32,
    /// What it counts, set by [`Statistics::weigh`](super::Statistics::weigh).
    pub weight: f32,
}

impl QueryTerm {
    /// A term that the question says once so far.
    pub const fn new((hash, name): (u32, bool)) -> Self {
        Self {
            hash,
            count: 1,
            name,
            frequency: 0,
            weight: 0.0,
        }
    }

    /// Counts the term once more.
    pub fn say_again(&mut self, name: bool) {
        self.count += 1;
        self.name |= name;
    }
}

/// The terms of a question, repetitions included, each with whether it is written like a name: not the
/// first word, a capital and then small letters among the rest. A capital is what lower case changes: so the tables that
/// cut words into lower case serve here too, on every target alike.
#[inline]
pub fn asked_terms(text: &str) -> impl Iterator<Item = (u32, bool)> + '_ {
    Words::of(text).enumerate().filter_map(|(place, word)| {
        let written = word.as_written();
        let name = place > 0
            && written.chars().next().is_some_and(is_capital)
            && written.chars().any(|c| c.is_alphabetic() && !is_capital(c));
        asked_term(word).map(|hash| (hash, name))
    })
}

#[inline]
fn is_capital(character: char) -> bool {
    character.to_lowercase().next() != Some(character)
}

/// The distinct terms of a question, in order of first occurrence.
pub fn question_terms<const TERMS: usize>(
    text: &str,
) -> Result<Vec<QueryTerm, TERMS>, TooManyTerms> {
    let mut distinct = Vec::<QueryTerm, TERMS>::new();
    let too_many = TooManyTerms {
        terms: TERMS + 1,
        capacity: TERMS,
    };
    for asked in asked_terms(text) {
        match distinct.iter_mut().find(|term| term.hash == asked.0) {
            Some(term) => term.say_again(asked.1),
            None => distinct.push(QueryTerm::new(asked)).map_err(|_| too_many)?,
        }
    }
    Ok(distinct)
}

/// The words of a question that a memory contains, in the question's order: the explanation of
/// its lexical score.
pub fn matched_words<'t>(
    question: &'t str,
    memory: Terms<'t>,
) -> impl Iterator<Item = Word<'t>> + 't {
    Words::of(question)
        .filter(move |&word| asked_term(word).is_some_and(|hash| memory.count(hash) > 0))
}

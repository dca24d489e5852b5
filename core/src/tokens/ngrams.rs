//! Character n-grams of words that have no row of their own.

use super::hash::CharacterHash;
use crate::text::Word;

/// Lengths of the n-grams, boundary marks included (Bojanowski et al., "Enriching Word Vectors with
/// Subword Information", 2017, section 3.2, with 5 instead of 6 as the longest).
pub const LENGTHS: core::ops::RangeInclusive<usize> = 3..=LONGEST;

const LONGEST: usize = 5;

/// Stands before the first and after the last character of a word; no word contains them.
const BEFORE: char = '<';
const AFTER: char = '>';

/// A word longer than this gives the n-grams of its first characters only: the mean over a
/// thousand n-grams does not move, and sums stay in 32 bits.
pub const MAX_CHARACTERS: usize = 1024;

/// The hash of one n-gram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ngram(pub u32);

/// The n-grams of `<word>`: for each end position the 3-, 4- and 5-gram that end there.
///
/// At least one for every word; at most `3 * MAX_CHARACTERS`.
pub fn ngrams(word: Word<'_>) -> impl Iterator<Item = Ngram> + Clone + '_ {
    let bounded = core::iter::once(BEFORE)
        .chain(word.characters().take(MAX_CHARACTERS))
        .chain(core::iter::once(AFTER));
    bounded
        .scan(Window::new(), |window, character| {
            window.push(character);
            Some(*window)
        })
        .flat_map(|window| LENGTHS.filter_map(move |length| window.last(length)))
}

/// The last characters that went by.
#[derive(Clone, Copy)]
struct Window {
    characters: [char; LONGEST],
    seen: usize,
}

impl Window {
    const fn new() -> Self {
        Self {
            characters: ['\0'; LONGEST],
            seen: 0,
        }
    }

    fn push(&mut self, character: char) {
        self.characters.rotate_left(1);
        self.characters[LONGEST - 1] = character;
        self.seen += 1;
    }

    fn last(&self, length: usize) -> Option<Ngram> {
        if self.seen < length {
            return None;
        }
        let characters = self.characters[LONGEST - length..].iter().copied();
        Some(Ngram(CharacterHash::of(characters)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Words;
    use std::vec::Vec;

    fn of(text: &str) -> Vec<u32> {
        let word = Words::of(text).next().unwrap();
        ngrams(word).map(|ngram| ngram.0).collect()
    }

    fn hashes(grams: &[&str]) -> Vec<u32> {
        grams
            .iter()
            .map(|gram| CharacterHash::of(gram.chars()))
            .collect()
    }

    #[test]
    fn spells_out_a_word() {
        let expected = [
            "<va", "val", "<val", "alv", "valv", "<valv", "lve", "alve", "valve", "ve>", "lve>",
            "alve>",
        ];
        assert_eq!(of("Valve"), hashes(&expected));
        assert_eq!(of("a"), hashes(&["<a>"]));
        assert_eq!(of("漢"), hashes(&["<漢>"]));
    }

    #[test]
    fn length_is_bounded() {
        let long = "x".repeat(100_000);
        assert!(of(&long).len() <= 3 * MAX_CHARACTERS);
    }
}

//! The word being stemmed: its letters, its two regions, and the tests that the rules are written in.

use super::MAX_STEM_BYTES;
use heapless::Vec;

/// Beginnings after which R1 starts, against the general rule, so that unlike words keep unlike stems
/// ("general" and "generous", "organ" and "organic"). None is the beginning of another.
static REGION_PREFIXES: [&[u8]; 9] = [
    b"arsen", b"commun", b"emerg", b"gener", b"inter", b"later", b"organ", b"past", b"univers",
];

/// A word under the rules. While it lasts, a `y` that acts as a consonant is written `Y`.
pub(super) struct Word<'a> {
    letters: &'a mut Vec<u8, MAX_STEM_BYTES>,
    region1: usize,
    region2: usize,
}

impl<'a> Word<'a> {
    /// Drops a leading apostrophe, marks the consonant `y`s and finds the regions.
    #[inline]
    pub(super) fn new(letters: &'a mut Vec<u8, MAX_STEM_BYTES>) -> Self {
        if letters.first() == Some(&b'\'') {
            letters.remove(0);
        }
        mark_consonant_y(letters);
        let region1 = region1(letters);
        let region2 = after_vowel_and_consonant(letters, region1);
        Self {
            letters,
            region1,
            region2,
        }
    }

    /// Writes the consonant `y`s as `y` again.
    #[inline]
    pub(super) fn finish(self) {
        self.letters.make_ascii_lowercase();
    }

    /// The letters as they stand.
    #[inline]
    pub(super) fn letters(&self) -> &[u8] {
        self.letters
    }

    /// The letters in front of the last `suffix` ones.
    #[inline]
    pub(super) fn before(&self, suffix: usize) -> &[u8] {
        &self.letters[..self.letters.len() - suffix]
    }

    /// True when the word ends in `suffix`.
    #[inline]
    pub(super) fn ends_with(&self, suffix: &[u8]) -> bool {
        self.letters.ends_with(suffix)
    }

    /// True when the last `suffix` letters lie in R1: behind the first consonant that follows a vowel.
    #[inline]
    pub(super) fn in_region1(&self, suffix: usize) -> bool {
        self.region1 + suffix <= self.letters.len()
    }

    /// True when the last `suffix` letters lie in R2: behind the first consonant that follows a vowel in R1.
    #[inline]
    pub(super) fn in_region2(&self, suffix: usize) -> bool {
        self.region2 + suffix <= self.letters.len()
    }

    /// True when R1 is empty and the word ends in a short syllable.
    #[inline]
    pub(super) fn is_short(&self) -> bool {
        self.region1 == self.letters.len() && ends_in_short_syllable(self.letters)
    }

    /// Replaces the last `suffix` letters, of which there are at least `replacement.len()`.
    #[inline]
    pub(super) fn replace(&mut self, suffix: usize, replacement: &[u8]) {
        debug_assert!(replacement.len() <= suffix);
        let start = self.letters.len() - suffix;
        self.letters[start..start + replacement.len()].copy_from_slice(replacement);
        self.letters.truncate(start + replacement.len());
    }

    /// Appends a letter behind what was removed.
    #[inline]
    pub(super) fn append(&mut self, letter: u8) {
        let pushed = self.letters.push(letter);
        debug_assert!(pushed.is_ok(), "an ending was removed before");
    }

    /// Removes the last `suffix` letters.
    #[inline]
    pub(super) fn remove(&mut self, suffix: usize) {
        self.replace(suffix, b"");
    }
}

/// True for a vowel: `a e i o u y`, not the consonant `Y`.
#[inline]
pub(super) fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// True when some letter is a vowel.
#[inline]
pub(super) fn has_vowel(letters: &[u8]) -> bool {
    letters.iter().copied().any(is_vowel)
}

/// True when `letters` end in a short syllable: a vowel between two consonants, of which the last is none of `w x Y`;
/// or a vowel and a consonant that are the whole of it; or "past", which keeps "pasted" and "pasting" with "paste".
#[inline]
pub(super) fn ends_in_short_syllable(letters: &[u8]) -> bool {
    match *letters {
        [.., b'p', b'a', b's', b't'] => true,
        [vowel, consonant] => is_vowel(vowel) && !is_vowel(consonant),
        [.., first, vowel, last] => {
            !is_vowel(first)
                && is_vowel(vowel)
                && !is_vowel(last)
                && !matches!(last, b'w' | b'x' | b'Y')
        }
        _ => false,
    }
}

/// A `y` is a consonant at the beginning of the word and after a vowel.
#[inline]
fn mark_consonant_y(letters: &mut [u8]) {
    let mut after_vowel = true;
    for letter in letters {
        if *letter == b'y' && after_vowel {
            *letter = b'Y';
        }
        after_vowel = is_vowel(*letter);
    }
}

/// Where R1 starts, in letters from the beginning.
#[inline]
fn region1(letters: &[u8]) -> usize {
    REGION_PREFIXES
        .iter()
        .find(|prefix| letters.starts_with(prefix))
        .map_or_else(
            || after_vowel_and_consonant(letters, 0),
            |prefix| prefix.len(),
        )
}

/// The place behind the first consonant that follows a vowel at or after `start`; the end when there is none.
#[inline]
fn after_vowel_and_consonant(letters: &[u8], start: usize) -> usize {
    letters[start..]
        .windows(2)
        .position(|pair| is_vowel(pair[0]) && !is_vowel(pair[1]))
        .map_or(letters.len(), |place| start + place + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(text: &str) -> (usize, usize) {
        let mut letters = Vec::from_slice(text.as_bytes()).unwrap();
        let word = Word::new(&mut letters);
        (word.region1, word.region2)
    }

    #[test]
    fn regions_are_those_of_the_published_examples() {
        assert_eq!(regions("beautiful"), (5, 7));
        assert_eq!(regions("beauty"), (5, 6));
        assert_eq!(regions("beau"), (4, 4));
        assert_eq!(regions("animadversion"), (2, 4));
        assert_eq!(regions("sprinkled"), (5, 9));
        assert_eq!(regions("eucharist"), (3, 6));
    }

    #[test]
    fn region1_starts_behind_the_listed_beginnings() {
        assert_eq!(regions("generous"), (5, 8));
        assert_eq!(regions("organic"), (5, 7));
        assert_eq!(regions("internal"), (5, 8));
    }

    #[test]
    fn short_syllables_are_those_of_the_published_examples() {
        for yes in ["rap", "trap", "entrap", "ow", "on", "at", "past"] {
            assert!(ends_in_short_syllable(yes.as_bytes()), "{yes}");
        }
        for no in ["uproot", "bestow", "disturb", "boY", "a", ""] {
            assert!(!ends_in_short_syllable(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn y_is_a_consonant_first_and_after_a_vowel() {
        for (text, marked) in [
            ("youth", "Youth"),
            ("boyish", "boYish"),
            ("flying", "flying"),
            ("sayyid", "saYyid"),
        ] {
            let mut letters: Vec<u8, MAX_STEM_BYTES> = Vec::from_slice(text.as_bytes()).unwrap();
            mark_consonant_y(&mut letters);
            assert_eq!(letters, marked.as_bytes());
        }
    }
}

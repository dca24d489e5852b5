//! English stemming: one stem for the forms of a word, so that "replaced" finds "replacing".
//!
//! This is the Snowball English stemmer ("Porter2"), as defined at
//! <https://snowballstem.org/algorithms/english/stemmer.html> and by `algorithms/english.sbl` of Snowball 3.1.1. The
//! steps are grouped by what they remove: `inflection` (steps 1a, 1b, 1c), `derivation` (steps 2, 3, 4) and
//! `ending` (step 5), over the buffer and the regions of `word`.

mod derivation;
mod ending;
mod exception;
mod inflection;
#[cfg(test)]
pub(super) mod oracle;
mod word;

use heapless::Vec;
use word::Word;

/// Longest word that can be stemmed, in bytes. A longer word keeps its form; no English word of text comes near.
pub const MAX_STEM_BYTES: usize = 32;

/// Words below this many letters have no ending to remove.
const MIN_LETTERS: usize = 3;

/// Replaces an English word by its stem, in place. The stem is never longer than the word.
///
/// `word` is lower-case ASCII, `a` to `z` and the straight apostrophe `'`; anything else gives a stem without meaning,
/// so callers leave other words as they are. Never fails; the empty word stays empty.
///
/// ```
/// # use memt_core::text::stem::{MAX_STEM_BYTES, stem};
/// let mut word = heapless::Vec::<u8, MAX_STEM_BYTES>::from_slice(b"replacing")?;
/// stem(&mut word);
/// assert_eq!(word, b"replac");
/// # Ok::<(), heapless::CapacityError>(())
/// ```
#[inline]
pub fn stem(word: &mut Vec<u8, MAX_STEM_BYTES>) {
    if exception::replace_whole_word(word) || word.len() < MIN_LETTERS {
        return;
    }
    let mut word = Word::new(word);
    inflection::remove_plural(&mut word);
    inflection::remove_past_and_gerund(&mut word);
    inflection::replace_final_y(&mut word);
    derivation::replace_long_suffix(&mut word);
    derivation::replace_adjective_suffix(&mut word);
    derivation::remove_residual_suffix(&mut word);
    ending::remove_final_letter(&mut word);
    word.finish();
}

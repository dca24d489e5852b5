//! From words to terms.

use crate::text::stem::{MAX_STEM_BYTES, stem};
use crate::text::stop::{is_asking_stem, is_stop_word};
use crate::text::{Word, Words};
use crate::tokens::hash::CharacterHash;
use heapless::String;

/// The terms of a text: its words without stop words, English ones stemmed, hashed to 32 bits.
#[inline]
pub fn terms(text: &str) -> impl Iterator<Item = u32> + '_ {
    Words::of(text).filter_map(term)
}

/// The term of one word, `None` for a stop word.
///
/// A word longer than any stem's buffer is hashed as it is.
#[inline]
pub fn term(word: Word<'_>) -> Option<u32> {
    unless(word, |_| false)
}

/// The term of one word of a question, `None` also for a word that only says how it is asked.
#[inline]
pub fn asked_term(word: Word<'_>) -> Option<u32> {
    unless(word, is_asking_stem)
}

#[inline]
fn unless(word: Word<'_>, left_out: impl Fn(&str) -> bool) -> Option<u32> {
    let mut buffer = String::<MAX_STEM_BYTES>::new();
    for character in word.characters() {
        if buffer.push(character).is_err() {
            return Some(CharacterHash::of(word.characters()));
        }
    }
    if is_stop_word(&buffer) {
        return None;
    }
    if buffer
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
    {
        let mut letters = buffer.into_bytes();
        stem(&mut letters);
        // A stem of ASCII letters is ASCII, so this cannot fail.
        buffer = String::from_utf8(letters).ok()?;
    }
    (!left_out(&buffer)).then(|| CharacterHash::of(buffer.chars()))
}

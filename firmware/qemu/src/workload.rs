//! Texts of known length to measure with, the same on every machine and in every run.

use core::fmt::Write;
use heapless::String;

/// 14 words, one of which no vocabulary knows.
pub const FOURTEEN_WORDS: &str =
    "The plumber replaced the heating valve of our old boiler in Grundlsee last Tuesday";

/// The same but for the last word: a rival.
pub const FOURTEEN_OTHER_WORDS: &str =
    "The plumber replaced the heating valve of our old boiler in Grundlsee last Monday";

/// A question with six words that memories contain and three stop words.
pub const QUESTION: &str = "when did the plumber repair our kitchen boiler valve";

/// Words a memory: about 70 bytes.
const WORDS_A_MEMORY: usize = 12;

/// A text of [`WORDS_A_MEMORY`] words.
pub type Memory = String<128>;

/// Frequent words, then rare ones: each half of a memory's words comes from one half.
static WORDS: [&str; 64] = [
    "the",
    "a",
    "of",
    "and",
    "in",
    "to",
    "is",
    "was",
    "we",
    "my",
    "on",
    "for",
    "at",
    "with",
    "our",
    "her",
    "his",
    "from",
    "that",
    "it",
    "they",
    "this",
    "by",
    "not",
    "after",
    "before",
    "again",
    "every",
    "will",
    "should",
    "has",
    "when",
    "boiler",
    "valve",
    "kitchen",
    "plumber",
    "repair",
    "Tuesday",
    "train",
    "doctor",
    "birthday",
    "garden",
    "school",
    "meeting",
    "battery",
    "sensor",
    "window",
    "invoice",
    "coffee",
    "bicycle",
    "summer",
    "allergic",
    "password",
    "flight",
    "neighbour",
    "concert",
    "painting",
    "dinner",
    "weather",
    "library",
    "project",
    "medicine",
    "Friday",
    "holiday",
];

/// The memory of this number.
pub fn memory(number: u32) -> Memory {
    let mut random = number.wrapping_add(1).wrapping_mul(0x9e37_79b9);
    let mut text = Memory::new();
    for word in 0..WORDS_A_MEMORY {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let half = word % 2 * (WORDS.len() / 2);
        let chosen = WORDS[half + random as usize % (WORDS.len() / 2)];
        let space = if word == 0 { "" } else { " " };
        // The longest words fit, which a test checks.
        let _ = write!(text, "{space}{chosen}");
    }
    text
}

/// Memories of a long text: more words than a window has.
const MEMORIES_A_LONG_TEXT: u32 = 24;

/// A text that fills a window of up to 256 words.
pub fn long_text() -> String<{ 128 * MEMORIES_A_LONG_TEXT as usize }> {
    let mut text = String::new();
    for number in 0..MEMORIES_A_LONG_TEXT {
        // A memory and a space fit their 128 bytes, which a test checks.
        let _ = write!(text, "{} ", memory(number));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{FOURTEEN_OTHER_WORDS, FOURTEEN_WORDS, WORDS, WORDS_A_MEMORY, long_text, memory};
    use memt_core::text::Words;

    #[test]
    fn texts_have_the_length_that_is_claimed() {
        assert_eq!(Words::of(FOURTEEN_WORDS).count(), 14);
        assert_eq!(Words::of(FOURTEEN_OTHER_WORDS).count(), 14);
        let longest = WORDS.iter().map(|word| word.len()).max().unwrap_or(0);
        assert!(WORDS_A_MEMORY * (longest + 1) <= memory(0).capacity());
        let bytes: usize = (0..256).map(|number| memory(number).len()).sum();
        assert!((65..75).contains(&(bytes / 256)), "{}", bytes / 256);
        assert!(Words::of(&long_text()).count() >= 256);
        for number in 0..256 {
            assert_eq!(Words::of(&memory(number)).count(), WORDS_A_MEMORY);
            assert_ne!(memory(number), memory(number + 1));
        }
    }
}

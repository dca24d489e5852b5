//! More than a thousand texts of every kind, the same on every run: what embeddings are hashed over.

mod odd;
mod scripts;
mod sentences;

pub use sentences::WORDS;

use crate::random::Random;

/// Changing the corpus changes every golden hash.
const SEED: u64 = 0x6d65_6d74;

/// The texts, in order.
pub fn texts() -> Vec<String> {
    let mut random = Random::new(SEED);
    let mut texts = odd::texts();
    texts.extend(scripts::texts(&mut random, 260));
    texts.extend(odd::random_texts(&mut random, 160));
    texts.extend(sentences::texts(&mut random, 640));
    texts
}

/// The texts as the firmware's programs read them: their number, then each with its length in bytes
/// before it; numbers are `u32`, little-endian.
pub fn blob<T: AsRef<str>>(texts: &[T]) -> Vec<u8> {
    let mut blob = length(texts.len()).to_vec();
    for text in texts {
        blob.extend_from_slice(&length(text.as_ref().len()));
        blob.extend_from_slice(text.as_ref().as_bytes());
    }
    blob
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes)
        .expect("a corpus is far below 4 GiB")
        .to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_large_varied_and_always_the_same() {
        let texts = texts();
        assert!(texts.len() >= 1_000, "{}", texts.len());
        assert_eq!(texts, super::texts());
        assert!(texts.iter().any(String::is_empty));
        assert!(texts.iter().any(|text| text.len() >= 10_000));
        assert!(
            blob(&texts).len() < 1 << 19,
            "must leave room in a machine's mailbox"
        );
        let distinct: std::collections::HashSet<_> = texts.iter().collect();
        assert!(distinct.len() * 100 >= texts.len() * 95);
    }

    #[test]
    fn blob_is_counts_and_bytes() {
        assert_eq!(
            blob(&["ab", ""]),
            [2, 0, 0, 0, 2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0]
        );
    }
}

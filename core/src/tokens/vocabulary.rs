//! The words a model knows, as a table of hash fingerprints.
//!
//! ```text
//! hash of a word (32 bits):  | bucket (B bits) | remainder (16 bits) | unused |
//! starts      u16 x (2^B + 1)   row at which each bucket begins, ascending
//! remainders  u16 x W           one a row, ascending within a bucket
//! ```
//!
//! Row numbers follow the order of (bucket, remainder). A word outside the vocabulary is mistaken
//! for a known one with probability W / 2^(B + 16): 7.6e-5 at W = 20,480 and B = 12.

use super::hash::CharacterHash;
use crate::text::Word;

/// Bits of the hash that a remainder keeps.
const REMAINDER_BITS: u32 = 16;

/// Most bits a bucket number may have: bucket and remainder must fit the hash.
pub const MAX_BUCKET_BITS: u32 = 32 - REMAINDER_BITS;

/// Splits the hash of a word into (bucket, remainder).
#[inline]
pub const fn split(hash: u32, bucket_bits: u32) -> (u32, u16) {
    let kept = hash >> (MAX_BUCKET_BITS - bucket_bits);
    (kept >> REMAINDER_BITS, kept as u16)
}

/// A borrowed fingerprint table, little-endian bytes straight from the image.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'m> {
    bucket_bits: u32,
    starts: &'m [u8],
    remainders: &'m [u8],
}

/// Why a fingerprint table was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VocabularyError {
    /// More bucket bits than [`MAX_BUCKET_BITS`].
    BucketBits(u32),
    /// `starts` must hold 2^B + 1 entries of two bytes, `remainders` whole entries.
    Length {
        /// Bytes of `starts`.
        starts: usize,
        /// Bytes of `remainders`.
        remainders: usize,
    },
    /// The starts must ascend from 0 to the number of remainders; this bucket does not.
    Order {
        /// The offending bucket.
        bucket: usize,
    },
}

impl core::fmt::Display for VocabularyError {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::BucketBits(bits) => {
                write!(
                    formatter,
                    "vocabulary has {bits} bucket bits, at most {MAX_BUCKET_BITS} are possible"
                )
            }
            Self::Length { starts, remainders } => write!(
                formatter,
                "vocabulary tables of {starts} and {remainders} bytes do not fit together"
            ),
            Self::Order { bucket } => {
                write!(formatter, "vocabulary bucket {bucket} begins out of order")
            }
        }
    }
}

impl core::error::Error for VocabularyError {}

impl<'m> Vocabulary<'m> {
    /// Checks the two tables and borrows them.
    #[inline]
    pub fn new(
        bucket_bits: u32,
        starts: &'m [u8],
        remainders: &'m [u8],
    ) -> Result<Self, VocabularyError> {
        if bucket_bits > MAX_BUCKET_BITS {
            return Err(VocabularyError::BucketBits(bucket_bits));
        }
        let buckets = 1usize << bucket_bits;
        if starts.len() != 2 * (buckets + 1) || !remainders.len().is_multiple_of(2) {
            return Err(VocabularyError::Length {
                starts: starts.len(),
                remainders: remainders.len(),
            });
        }
        let vocabulary = Self {
            bucket_bits,
            starts,
            remainders,
        };
        vocabulary.check_order(buckets)?;
        Ok(vocabulary)
    }

    #[inline]
    fn check_order(&self, buckets: usize) -> Result<(), VocabularyError> {
        let mut before = 0;
        for bucket in 0..=buckets {
            let start = entry(self.starts, bucket);
            let first_is_zero = bucket > 0 || start == 0;
            let last_is_all = bucket < buckets || usize::from(start) == self.words();
            if start < before || !first_is_zero || !last_is_all {
                return Err(VocabularyError::Order { bucket });
            }
            before = start;
        }
        Ok(())
    }

    /// How many words have a row.
    pub fn words(&self) -> usize {
        self.remainders.len() / 2
    }

    /// The row of `word`, if it has one.
    pub fn row(&self, word: Word<'_>) -> Option<u32> {
        self.row_of_hash(CharacterHash::of(word.characters()))
    }

    /// The row of the word with this hash, if it has one.
    pub fn row_of_hash(&self, hash: u32) -> Option<u32> {
        let (bucket, remainder) = split(hash, self.bucket_bits);
        let bucket = bucket as usize;
        let rows = entry(self.starts, bucket)..entry(self.starts, bucket + 1);
        rows.map(u32::from)
            .find(|&row| entry(self.remainders, row as usize) == remainder)
    }
}

#[inline]
fn entry(table: &[u8], index: usize) -> u16 {
    u16::from_le_bytes([table[2 * index], table[2 * index + 1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Words;
    use std::vec::Vec;

    fn build(words: &[&str], bits: u32) -> (Vec<u8>, Vec<u8>) {
        let mut keys: Vec<(u32, u16)> = words
            .iter()
            .map(|word| split(CharacterHash::of(word.chars()), bits))
            .collect();
        keys.sort_unstable();
        let starts = (0..=1u32 << bits)
            .flat_map(|bucket| {
                let start = keys.partition_point(|key| key.0 < bucket) as u16;
                start.to_le_bytes()
            })
            .collect();
        let remainders = keys.iter().flat_map(|key| key.1.to_le_bytes()).collect();
        (starts, remainders)
    }

    #[test]
    fn finds_known_words_and_no_others() {
        let words = ["boiler", "valve", "tuesday", "don't", "漢"];
        for bits in [0, 3, 12, 16] {
            let (starts, remainders) = build(&words, bits);
            let vocabulary = Vocabulary::new(bits, &starts, &remainders).unwrap();
            let row = |text| vocabulary.row(Words::of(text).next().unwrap());
            let mut rows: Vec<u32> = words.iter().map(|word| row(word).unwrap()).collect();
            rows.sort_unstable();
            assert_eq!(rows, [0, 1, 2, 3, 4]);
            assert_eq!(row("BOILER"), row("boiler"));
            assert_eq!(row("Don’t"), row("don't"));
            assert_eq!(row("unknown"), None);
        }
    }

    #[test]
    fn hostile_tables_are_refused() {
        let (starts, remainders) = build(&["a", "b", "c"], 2);
        assert!(Vocabulary::new(17, &starts, &remainders).is_err());
        assert!(Vocabulary::new(3, &starts, &remainders).is_err());
        assert!(Vocabulary::new(2, &starts, &remainders[1..]).is_err());
        let mut wrong = starts.clone();
        wrong[0] = 1;
        assert_eq!(
            Vocabulary::new(2, &wrong, &remainders).err(),
            Some(VocabularyError::Order { bucket: 0 })
        );
        wrong = starts.clone();
        wrong[8] = 9;
        assert_eq!(
            Vocabulary::new(2, &wrong, &remainders).err(),
            Some(VocabularyError::Order { bucket: 4 })
        );
    }
}

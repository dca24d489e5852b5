//! The table by which an image finds the rows of known words.

use crate::image_parts::OwnedTensor;
use memt_core::encoder::tensor::TensorName;
use memt_core::tokens::hash::CharacterHash;
use memt_core::tokens::vocabulary::split;

/// Bucket and remainder of each word, ascending: the order of rows. Words that repeat count once.
pub fn keys(words: &[&str], bucket_bits: u8) -> Vec<(u32, u16)> {
    let key = |word: &&str| {
        let lower = word.chars().flat_map(char::to_lowercase);
        split(CharacterHash::of(lower), bucket_bits.into())
    };
    let mut keys: Vec<_> = words.iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The tensors of these keys.
pub fn tensors(keys: &[(u32, u16)], bucket_bits: u8) -> Vec<OwnedTensor> {
    let start = |bucket| keys.partition_point(|key| key.0 < bucket) as u16;
    let starts: Vec<u16> = (0..=1 << bucket_bits).map(start).collect();
    let remainders: Vec<u16> = keys.iter().map(|key| key.1).collect();
    vec![
        OwnedTensor::u16(TensorName::VocabularyStarts, &starts),
        OwnedTensor::u16(TensorName::VocabularyRemainders, &remainders),
    ]
}

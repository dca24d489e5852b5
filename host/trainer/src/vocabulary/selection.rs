//! The words that get a row of their own, in the order of the fingerprint table.

use crate::TrainError;
use crate::corpus::word_list::CountedWord;
use crate::recipe::ModelRecipe;
use memt_core::text::Words;
use memt_core::tokens::hash::CharacterHash;
use memt_core::tokens::vocabulary::{Vocabulary, VocabularyError, split};
use std::collections::BTreeMap;

/// Known words in row order with their fingerprint table.
#[derive(Clone, Debug)]
pub(crate) struct KnownWords {
    /// The string of each row.
    pub(crate) strings: Vec<String>,
    /// For each row the line of `words.tsv`.
    pub(crate) lines: Vec<usize>,
    /// `[2^B + 1]` u16, little-endian.
    pub(crate) starts: Vec<u8>,
    /// `[W]` u16, little-endian.
    pub(crate) remainders: Vec<u8>,
    bucket_bits: u32,
}

impl KnownWords {
    /// The most frequent words of the list, as many as the recipe asks for. Entries that core's
    /// tokenizer cuts otherwise, and words whose fingerprint a more frequent one has, are passed over.
    pub(crate) fn select(list: &[CountedWord], recipe: &ModelRecipe) -> Result<Self, TrainError> {
        let bucket_bits = u32::from(recipe.bucket_bits);
        let wanted = recipe.words as usize;
        let mut by_key = BTreeMap::new();
        for (line, counted) in list.iter().enumerate() {
            if by_key.len() == wanted {
                break;
            }
            if is_one_word(&counted.word) {
                let hash = CharacterHash::of(counted.word.chars());
                by_key.entry(split(hash, bucket_bits)).or_insert(line);
            }
        }
        if by_key.len() < wanted {
            let problem = format!("{wanted} words wanted, the list gives {}", by_key.len());
            return Err(TrainError::Recipe(problem));
        }
        let keys: Vec<(u32, u16)> = by_key.keys().copied().collect();
        let starts = (0..=1u32 << bucket_bits)
            .flat_map(|bucket| (keys.partition_point(|key| key.0 < bucket) as u16).to_le_bytes())
            .collect();
        Ok(Self {
            strings: by_key
                .values()
                .map(|&line| list[line].word.clone())
                .collect(),
            lines: by_key.into_values().collect(),
            starts,
            remainders: keys.iter().flat_map(|key| key.1.to_le_bytes()).collect(),
            bucket_bits,
        })
    }

    /// The table as core reads it.
    pub(crate) fn table(&self) -> Result<Vocabulary<'_>, VocabularyError> {
        Vocabulary::new(self.bucket_bits, &self.starts, &self.remainders)
    }
}

fn is_one_word(entry: &str) -> bool {
    let mut words = Words::of(entry);
    words
        .next()
        .is_some_and(|word| word.characters().eq(entry.chars()))
        && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Vec<CountedWord> {
        let counted = |word: &&str| CountedWord {
            word: (*word).to_owned(),
            count: 1,
        };
        words.iter().map(counted).collect()
    }

    fn recipe(words: u32) -> ModelRecipe {
        ModelRecipe {
            words,
            ngrams: 8,
            row_width: 4,
            bucket_bits: 3,
            window: 16,
            row_bits: 4,
            rotated: false,
            fine: 0,
            budget_bytes: 1 << 20,
            body: crate::recipe::BodyRecipe::Bag,
        }
    }

    #[test]
    fn rows_follow_the_table_and_odd_entries_are_passed_over() {
        let list = list(&["the", "?", "don't", "a b", "valve", "rare"]);
        let known = KnownWords::select(&list, &recipe(3)).unwrap();
        let table = known.table().unwrap();
        let mut chosen = known.strings.clone();
        chosen.sort_unstable();
        assert_eq!(chosen, ["don't", "the", "valve"]);
        for (row, word) in known.strings.iter().enumerate() {
            assert_eq!(table.row(Words::of(word).next().unwrap()), Some(row as u32));
            assert_eq!(&list[known.lines[row]].word, word);
        }
        assert!(KnownWords::select(&list, &recipe(5)).is_err());
    }
}

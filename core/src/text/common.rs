//! How rare a stem is in English at large, where the few memories of a bank do not tell.
//!
//! Source: `words.tsv` of the training data, which counts the words of its corpora. `common.txt` holds the 1,024
//! most frequent stems, without stop words, the most frequent first.

use crate::tokens::hash::CharacterHash;

/// Stems of `common.txt`, one a line.
const STEMS: usize = 1024;

/// Where the bands of about equal rarity end.
const BAND_ENDS: [usize; 3] = [64, 256, STEMS];

/// How much rarer the stems of each band are than those of the first: `-ln` of a stem's share of all words
/// is 6.7, 7.7 and 8.5 on average.
const BAND_RARITY: [f32; 3] = [0.0, 1.0, 1.8];

/// How much rarer every other stem is taken to be; 4.8 and 5.8 do as well on the development sets.
const OTHER_RARITY: f32 = 5.3;

/// What is kept of a stem's hash: its upper three bytes.
type Key = [u8; 3];

/// The stems' keys, ascending in each band.
static KEYS: [Key; STEMS] = keys(include_bytes!("common.txt"));

/// How much rarer than the most frequent stems the stem with this hash is, in natural logarithms:
/// 0, 1, 1.8, or 5.3 for all but 1,024 stems. One in 16,384 of those has the key of one of the 1,024 and
/// passes for it.
pub fn rarity_at_large(hash: u32) -> f32 {
    let key = key(hash);
    let mut start = 0;
    for (end, rarity) in BAND_ENDS.into_iter().zip(BAND_RARITY) {
        if KEYS[start..end].binary_search(&key).is_ok() {
            return rarity;
        }
        start = end;
    }
    OTHER_RARITY
}

const fn key(hash: u32) -> Key {
    let [_, third, second, first] = hash.to_le_bytes();
    [first, second, third]
}

const fn keys(lines: &[u8]) -> [Key; STEMS] {
    let mut hashes = hashes(lines);
    let (mut start, mut band) = (0, 0);
    while band < BAND_ENDS.len() {
        sort(&mut hashes, start, BAND_ENDS[band]);
        start = BAND_ENDS[band];
        band += 1;
    }
    let mut keys = [[0; 3]; STEMS];
    let mut stem = 0;
    while stem < STEMS {
        keys[stem] = key(hashes[stem]);
        stem += 1;
    }
    keys
}

const fn hashes(lines: &[u8]) -> [u32; STEMS] {
    let mut hashes = [0; STEMS];
    let (mut stem, mut at) = (0, 0);
    let mut hash = CharacterHash::new();
    while at < lines.len() {
        match lines[at] {
            b'\n' => {
                hashes[stem] = hash.finish();
                hash = CharacterHash::new();
                stem += 1;
            }
            letter => hash.push(letter as char),
        }
        at += 1;
    }
    assert!(stem == STEMS, "common.txt has another number of lines");
    hashes
}

/// Shell's sort, with gaps that are few enough for the compiler.
const fn sort(hashes: &mut [u32; STEMS], start: usize, end: usize) {
    const GAPS: [usize; 7] = [301, 132, 57, 23, 10, 4, 1];
    let mut pass = 0;
    while pass < GAPS.len() {
        let gap = GAPS[pass];
        let mut next = start + gap;
        while next < end {
            let hash = hashes[next];
            let mut at = next;
            while at >= start + gap && hashes[at - gap] > hash {
                hashes[at] = hashes[at - gap];
                at -= gap;
            }
            hashes[at] = hash;
            next += 1;
        }
        pass += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::stem::{oracle::word_list, stem};
    use crate::text::stop::is_stop_word;
    use core::cmp::Reverse;
    use std::collections::BTreeMap;
    use std::string::String;
    use std::vec::Vec;

    /// The most frequent stems of the word list's words of two or more letters and digits.
    fn most_frequent(list: &str) -> Vec<String> {
        let mut counted = BTreeMap::<String, u64>::new();
        for line in list.lines() {
            let (word, count) = line.split_once('\t').unwrap();
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let counts = word.len() >= 2 && word.bytes().all(plain) && !is_stop_word(word);
            if counts {
                *counted.entry(stem_of(word)).or_default() += count.parse::<u64>().unwrap();
            }
        }
        let mut stems = Vec::from_iter(counted);
        stems.sort_by_key(|(_, count)| Reverse(*count));
        stems.truncate(STEMS);
        stems.into_iter().map(|(stem, _)| stem).collect()
    }

    fn stem_of(word: &str) -> String {
        let mut letters = heapless::Vec::from_slice(word.as_bytes()).unwrap();
        if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            stem(&mut letters);
        }
        String::from_utf8(letters.to_vec()).unwrap()
    }

    #[test]
    fn the_stems_are_the_most_frequent_of_the_word_list() {
        let Some(list) = word_list() else {
            std::eprintln!("no word list: set MEMT_DATA to the data folder");
            return;
        };
        assert!(stems().eq(most_frequent(&list)));
    }

    fn stems() -> impl Iterator<Item = &'static str> {
        include_str!("common.txt").lines()
    }

    #[test]
    fn each_stem_has_the_rarity_of_its_band() {
        assert_eq!(stems().count(), STEMS);
        let mut start = 0;
        for (end, rarity) in BAND_ENDS.into_iter().zip(BAND_RARITY) {
            assert!(KEYS[start..end].is_sorted());
            for stem in stems().take(end).skip(start) {
                let found = rarity_at_large(CharacterHash::of(stem.chars()));
                assert_eq!(found, rarity, "{stem}");
            }
            start = end;
        }
    }

    #[test]
    fn other_stems_are_rarer() {
        let others = (0..4_000u32).map(|number| number.wrapping_mul(0x9e37_79b9));
        let taken = others
            .filter(|&hash| rarity_at_large(hash) < OTHER_RARITY)
            .count();
        assert!(taken < 4, "{taken}");
        let rare = ["walnut", "collarbon", "θάλασσα", "zzzz"];
        for stem in rare {
            let found = rarity_at_large(CharacterHash::of(stem.chars()));
            assert_eq!(found, OTHER_RARITY, "{stem}");
        }
    }
}

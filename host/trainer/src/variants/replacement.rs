//! Words in place of others.

use super::sentence::{Sentence, Token, is_content};
use crate::corpus::teacher::TeacherWords;
use crate::random::Random;
use ndarray::{ArrayView2, Axis};
use rayon::prelude::*;
use std::collections::HashMap;

/// Most frequent words among which near ones are looked for.
const FREQUENT: usize = 12_000;

/// Near words of a word, at most.
const NEAR: usize = 12;

/// Least cosine of the teacher's vectors of two near words.
const LEAST: f32 = 0.3;

/// Words that begin with as many equal letters are forms of one word and say the same.
const STEM: usize = 4;

/// Texts whose words stand for what is written about, each as often as it is.
const POOL: usize = 60_000;

/// Words of a block of similarities.
const BLOCK: usize = 256;

/// Words that may stand in the place of a content word, all in lower case.
#[derive(Clone, Debug)]
pub(super) struct Replacements {
    near: HashMap<String, Vec<String>>,
    pool: Vec<String>,
}

impl Replacements {
    pub(super) fn of(words: &TeacherWords, sentences: &[Sentence]) -> Self {
        let sample = &sentences[sentences.len().saturating_sub(POOL)..];
        let tokens = sample.iter().flat_map(|sentence| &sentence.tokens);
        let lower = tokens.map(Token::lower);
        Self {
            near: near(words),
            pool: lower.filter(|word| is_content(word)).collect(),
        }
    }

    /// Pairs of near words, and words that belong to other texts.
    #[cfg(test)]
    pub(super) fn listed(near: &[(&str, &str)], pool: &[&str]) -> Self {
        let pairs = near
            .iter()
            .map(|&(word, near)| (word.to_owned(), vec![near.to_owned()]));
        Self {
            near: pairs.collect(),
            pool: pool.iter().map(|&word| word.to_owned()).collect(),
        }
    }

    pub(super) fn has_near(&self, word: &str) -> bool {
        self.near.contains_key(word)
    }

    /// A word that the teacher finds near.
    pub(super) fn near(&self, word: &str, random: &mut Random) -> Option<&str> {
        random.pick(self.near.get(word)?).map(String::as_str)
    }

    /// A word of some text.
    pub(super) fn foreign(&self, random: &mut Random) -> Option<&str> {
        random.pick(&self.pool).map(String::as_str)
    }
}

/// For every frequent content word the others that the teacher finds near, nearest first.
fn near(words: &TeacherWords) -> HashMap<String, Vec<String>> {
    let frequent = FREQUENT.min(words.vectors.len());
    let content: Vec<usize> = (0..frequent)
        .filter(|&line| is_content(&words.words[line].word))
        .collect();
    let vectors = words.vectors.gather(content.iter().copied());
    let word = |row: usize| words.words[content[row]].word.as_str();
    let blocks: Vec<(usize, ArrayView2<'_, f32>)> = (0..)
        .step_by(BLOCK)
        .zip(vectors.axis_chunks_iter(Axis(0), BLOCK))
        .collect();
    let rows = blocks.into_par_iter().flat_map_iter(|(start, block)| {
        let cosines = block.dot(&vectors.t());
        let rows: Vec<Vec<f32>> = cosines.rows().into_iter().map(|row| row.to_vec()).collect();
        (start..).zip(rows)
    });
    let listed = rows.map(|(row, cosines)| {
        let mut others: Vec<usize> = (0..content.len())
            .filter(|&other| cosines[other] > LEAST && !one_stem(word(row), word(other)))
            .collect();
        others.sort_by(|&a, &b| cosines[b].total_cmp(&cosines[a]).then(a.cmp(&b)));
        let others = others.into_iter().take(NEAR);
        (
            word(row).to_owned(),
            others.map(|other| word(other).to_owned()).collect(),
        )
    });
    let listed: Vec<(String, Vec<String>)> = listed.collect();
    let some = |(_, others): &(String, Vec<String>)| !others.is_empty();
    listed.into_iter().filter(some).collect()
}

fn one_stem(word: &str, other: &str) -> bool {
    word.bytes().take(STEM).eq(other.bytes().take(STEM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        assert!(one_stem("valve", "valves"));
        assert!(one_stem("dog", "dog"));
        assert!(!one_stem("dog", "dogs"));
        assert!(!one_stem("pump", "valve"));
    }

    #[test]
    fn only_words_that_are_listed_are_given() {
        let replacements = Replacements::listed(&[("dog", "wolf")], &[]);
        let mut random = Random::keyed([1, 0, 0]);
        assert!(replacements.has_near("dog") && !replacements.has_near("cat"));
        assert_eq!(replacements.near("dog", &mut random), Some("wolf"));
        assert_eq!(replacements.near("cat", &mut random), None);
        assert_eq!(replacements.foreign(&mut random), None);
    }
}

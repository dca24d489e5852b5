//! Texts as words, ready for a forward pass.

use crate::vocabulary::{Token, words};
use memt_core::encoder::windows::MAX_WINDOWS;

/// Some texts cut into words, one after another: T words in N texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passages<'t> {
    /// The rows of each word, `[T]`.
    pub(crate) words: Vec<&'t [Token]>,
    /// The rows of each text, `[N]`.
    pub(crate) texts: Vec<&'t [Token]>,
    /// Words of each text, `[N]`.
    pub(crate) lengths: Vec<usize>,
}

impl<'t> Passages<'t> {
    /// Adds the first words of a text, at most `longest`.
    pub(crate) fn push(&mut self, tokens: &'t [Token], longest: usize) {
        let before = self.words.len();
        self.words.extend(words(tokens).take(longest));
        self.lengths.push(self.words.len() - before);
        let rows = self.words[before..].iter().map(|word| word.len()).sum();
        self.texts.push(&tokens[..rows]);
    }

    /// Adds the windows of a text that core encodes, `window` words each, as texts of their own; of a
    /// text without words none.
    pub(crate) fn push_windows(&mut self, tokens: &'t [Token], window: usize) {
        let words: Vec<&[Token]> = words(tokens).collect();
        let windows = words.len().div_ceil(window);
        let encoded = windows.min(MAX_WINDOWS);
        for index in 0..encoded {
            let start = index * windows / encoded * window;
            let end = words.len().min(start.saturating_add(window));
            let rows = |words: &[&[Token]]| words.iter().map(|word| word.len()).sum::<usize>();
            let first = rows(&words[..start]);
            let last = first + rows(&words[start..end]);
            self.words.extend(&words[start..end]);
            self.lengths.push(end - start);
            self.texts.push(&tokens[first..last]);
        }
    }

    /// `texts` cut into groups of about `words` words each, every text to at most `longest` words.
    pub(crate) fn groups(
        texts: impl Iterator<Item = &'t [Token]>,
        longest: usize,
        words: usize,
    ) -> Vec<Self> {
        let mut groups = Vec::new();
        let mut group = Self::default();
        for tokens in texts {
            group.push(tokens, longest);
            if group.words.len() >= words {
                groups.push(std::mem::take(&mut group));
            }
        }
        if !group.lengths.is_empty() {
            groups.push(group);
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_grouped_in_order() {
        let known = |row| Token { row, share: 1.0 };
        let texts = [vec![known(1), known(2), known(3)], vec![], vec![known(4)]];
        let groups = Passages::groups(texts.iter().map(Vec::as_slice), 2, 2);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].words, [[known(1)], [known(2)]]);
        assert_eq!(groups[0].lengths, [2]);
        assert_eq!(groups[0].texts, [&texts[0][..2]]);
        assert_eq!(groups[1].lengths, [0, 1]);
    }
}

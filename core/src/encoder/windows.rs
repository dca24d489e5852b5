//! Long texts as windows of tokens.

use crate::tokens::Tokens;

/// Most windows of a text that are encoded; of a longer text this many evenly spaced ones are.
pub const MAX_WINDOWS: usize = 64;

/// The windows of a text, first to last, each as the tokens from its start on.
#[derive(Clone, Debug)]
pub struct Windows<'t> {
    tokens: Tokens<'t>,
    window: usize,
    windows: usize,
    encoded: usize,
    next: usize,
    at: usize,
}

impl<'t> Windows<'t> {
    /// Cuts `tokens` into windows of `window`.
    pub fn of(tokens: Tokens<'t>, window: usize) -> Self {
        // A token has at least one byte, so a short text need not be counted.
        let windows = if tokens.rest().len() <= window {
            1
        } else {
            tokens.clone().count().div_ceil(window)
        };
        Self {
            tokens,
            window,
            windows,
            encoded: windows.min(MAX_WINDOWS),
            next: 0,
            at: 0,
        }
    }

    /// How many windows will be encoded, at most [`MAX_WINDOWS`].
    pub fn encoded(&self) -> usize {
        self.encoded
    }
}

impl<'t> Iterator for Windows<'t> {
    type Item = core::iter::Take<Tokens<'t>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.encoded {
            return None;
        }
        let chosen = self.next * self.windows / self.encoded;
        for _ in 0..(chosen - self.at) * self.window {
            self.tokens.next();
        }
        self.at = chosen;
        self.next += 1;
        Some(self.tokens.clone().take(self.window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Characters, Words};
    use crate::tokens::Token;
    use std::string::{String, ToString};
    use std::vec::Vec;

    fn cut(text: &str, window: usize) -> Vec<Vec<String>> {
        let tokens = Tokens::Words(Words::of(text));
        windows(tokens, window)
    }

    fn windows(tokens: Tokens<'_>, window: usize) -> Vec<Vec<String>> {
        let written = |token: Token<'_>| match token {
            Token::Word(word) => word.characters().collect(),
            Token::Character(character) => character.to_string(),
        };
        Windows::of(tokens, window)
            .map(|tokens| tokens.map(written).collect())
            .collect()
    }

    #[test]
    fn characters_are_cut_like_words() {
        let characters = |text| Tokens::Characters(Characters::of(text));
        let expected = [["a", " ", "b"], ["c", "d", "e"]];
        assert_eq!(windows(characters("a  bcde "), 3), expected);
        assert_eq!(windows(characters(" "), 3), [[""; 0]]);
    }

    #[test]
    fn every_word_of_a_short_text_is_in_one_window() {
        assert_eq!(cut("a b c d e", 2), [&["a", "b"][..], &["c", "d"], &["e"]]);
        assert_eq!(cut("a b", 9), [["a", "b"]]);
        assert_eq!(cut("", 9), [[""; 0]]);
        assert!(cut("... ... ... ...", 2).is_empty());
    }

    #[test]
    fn a_long_text_is_sampled_evenly() {
        let text: String = (0..1000).map(|number| std::format!("{number} ")).collect();
        let windows = cut(&text, 5);
        assert_eq!(windows.len(), MAX_WINDOWS);
        for (index, window) in windows.iter().enumerate() {
            assert_eq!(window[0], std::format!("{}", index * 200 / 64 * 5));
            assert_eq!(window.len(), 5);
        }
    }
}

//! A text as words and signs.

use memt_core::text::stop::is_stop_word;
use std::fmt;

/// Words (`[A-Za-z0-9']+`) and every other sign but white space, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    /// Whether white space stands before it.
    apart: bool,
}

impl Token {
    /// A word that comes in.
    pub(super) fn word(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            apart: true,
        }
    }

    pub(super) fn lower(&self) -> String {
        self.text.to_lowercase()
    }
}

impl Sentence {
    pub(super) fn cut(text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        let (mut in_word, mut apart) = (false, false);
        for character in text.trim().chars() {
            let of_word = character.is_ascii_alphanumeric() || character == '\'';
            if character.is_whitespace() {
                apart = true;
            } else if let Some(word) = tokens.last_mut()
                && in_word
                && of_word
            {
                word.text.push(character);
            } else {
                tokens.push(Token {
                    text: character.to_string(),
                    apart: std::mem::take(&mut apart),
                });
            }
            in_word = of_word;
        }
        Self { tokens }
    }

    /// The places of words that carry what the text is about.
    pub(super) fn content(&self) -> Vec<usize> {
        let places = 0..self.tokens.len();
        places
            .filter(|&place| is_content(&self.tokens[place].lower()))
            .collect()
    }

    /// The sentence with `word` at `place`, with a capital where the word before it had one.
    pub(super) fn with(&self, place: usize, word: &str) -> Self {
        let mut sentence = self.clone();
        sentence.tokens[place].text = as_written(&self.tokens[place].text, word);
        sentence
    }
}

/// True for a word in lower case of three letters or more that is not among the most common ones.
pub(super) fn is_content(word: &str) -> bool {
    word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_stop_word(word)
}

/// `word` with the first letter of the case that `before` has.
fn as_written(before: &str, word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let first = if before.starts_with(|first: char| first.is_ascii_uppercase()) {
        first.to_ascii_uppercase()
    } else {
        first.to_ascii_lowercase()
    };
    std::iter::once(first).chain(letters).collect()
}

impl fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, token) in self.tokens.iter().enumerate() {
            if place > 0 && token.apart {
                formatter.write_str(" ")?;
            }
            formatter.write_str(&token.text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_joined() {
        let text = "Don't go, \"Ann\": it costs 5.50!";
        let sentence = Sentence::cut(text);
        let tokens: Vec<&str> = sentence
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        assert_eq!(tokens[..5], ["Don't", "go", ",", "\"", "Ann"]);
        assert_eq!(sentence.to_string(), text);
        assert_eq!(Sentence::cut(" two\t words").to_string(), "two words");
    }

    #[test]
    fn content_words_are_no_stop_words_signs_or_numbers() {
        let sentence = Sentence::cut("The dog ate 12 of my apples, ok.");
        let words: Vec<&str> = sentence
            .content()
            .into_iter()
            .map(|place| sentence.tokens[place].text.as_str())
            .collect();
        assert_eq!(words, ["dog", "ate", "apples"]);
    }

    #[test]
    fn a_word_takes_the_capital_of_the_one_before_it() {
        let sentence = Sentence::cut("Dogs bark");
        assert_eq!(sentence.with(0, "wolves").to_string(), "Wolves bark");
        assert_eq!(sentence.with(1, "Howl").to_string(), "Dogs howl");
    }
}

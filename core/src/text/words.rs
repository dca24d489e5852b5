//! Cutting a text into words.

use super::class::{self, CharClass};

/// One word: a slice of the text as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'t> {
    written: &'t str,
}

impl<'t> Word<'t> {
    /// The word as written, case and apostrophes untouched.
    pub fn as_written(&self) -> &'t str {
        self.written
    }

    /// The characters of the word, lower-cased by `char::to_lowercase`, every apostrophe as `'`.
    pub fn characters(&self) -> impl Iterator<Item = char> + Clone + use<'t> {
        self.written
            .chars()
            .flat_map(|character| class::plain_apostrophe(character).to_lowercase())
    }
}

/// The words of a text, first to last.
///
/// A word is a run of letters and digits with the apostrophes inside it, or a single character of a
/// script without spaces, or a single symbol outside ASCII; combining marks continue it. Everything
/// else separates. No text makes this fail.
#[derive(Clone, Debug)]
pub struct Words<'t> {
    rest: &'t str,
}

impl<'t> Words<'t> {
    /// The words of `text`.
    pub fn of(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// The part of the text that has not been cut yet.
    pub fn rest(&self) -> &'t str {
        self.rest
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let mut characters = self.rest.char_indices();
        let (start, class) = characters.find_map(|(at, character)| {
            let class = CharClass::of(character);
            matches!(class, CharClass::Run | CharClass::Single).then_some((at, class))
        })?;
        let after_first = characters.as_str();
        let end = self.rest.len() - continuation(after_first, class).len();
        let written = &self.rest[start..end];
        self.rest = &self.rest[end..];
        Some(Word { written })
    }
}

/// What is left of `after` when the word that began before it has taken what belongs to it.
fn continuation(after: &str, first: CharClass) -> &str {
    let mut characters = after.chars();
    loop {
        let rest = characters.as_str();
        let Some(character) = characters.next() else {
            return rest;
        };
        let continues = match CharClass::of(character) {
            CharClass::Mark => true,
            CharClass::Run => first == CharClass::Run,
            CharClass::Apostrophe => {
                first == CharClass::Run && starts_with_run(characters.as_str())
            }
            CharClass::Single | CharClass::Separator => false,
        };
        if !continues {
            return rest;
        }
    }
}

fn starts_with_run(text: &str) -> bool {
    text.chars()
        .next()
        .is_some_and(|character| CharClass::of(character) == CharClass::Run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn cut(text: &str) -> Vec<String> {
        Words::of(text)
            .map(|word| word.characters().collect())
            .collect()
    }

    #[test]
    fn runs_apostrophes_and_separators() {
        assert_eq!(
            cut("Don't STOP, 'quoted' rock'n'roll!"),
            ["don't", "stop", "quoted", "rock'n'roll"]
        );
        assert_eq!(
            cut("It’s 8:40 in Zürich-West"),
            ["it's", "8", "40", "in", "zürich", "west"]
        );
        assert_eq!(cut("dogs' tails"), ["dogs", "tails"]);
    }

    #[test]
    fn every_script() {
        assert_eq!(cut("我爱你"), ["我", "爱", "你"]);
        assert_eq!(cut("cafe\u{301} noir"), ["cafe\u{301}", "noir"]);
        assert_eq!(cut("ok👍🏽 ❤\u{FE0F}x"), ["ok", "👍", "🏽", "❤\u{FE0F}", "x"]);
        assert_eq!(cut("İstanbul"), ["i\u{307}stanbul"]);
        assert_eq!(cut("안녕 하세요"), ["안녕", "하세요"]);
    }

    #[test]
    fn nothing_to_cut() {
        assert!(cut("").is_empty());
        assert!(cut(" \t\n\u{0}…—").is_empty());
        assert!(cut("\u{301}\u{301}").is_empty());
        assert!(cut("'").is_empty());
    }

    #[test]
    fn words_lie_in_the_text_in_order() {
        let text = "a bb 'c' \u{301}déjà-vu 漢字 x";
        let mut from = 0;
        for word in Words::of(text) {
            let at = text[from..].find(word.as_written()).unwrap() + from;
            assert!(at >= from);
            from = at + word.as_written().len();
        }
    }
}

//! The five roles a character can play when a text is cut into words.

use super::{mark, script, symbol};

/// What a character does at the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharClass {
    /// Part of a run of letters and digits (`char::is_alphanumeric`).
    Run,
    /// A word by itself: a character of a script written without spaces, or a symbol outside ASCII.
    Single,
    /// Continues the word before it: a combining mark or a joiner.
    Mark,
    /// Stays inside a run when a run character follows (`don't`), separates otherwise.
    Apostrophe,
    /// Everything else.
    Separator,
}

impl CharClass {
    /// The class of `character`.
    pub fn of(character: char) -> Self {
        if character.is_ascii() {
            return Self::of_ascii(character);
        }
        if plain_apostrophe(character) == '\'' {
            return Self::Apostrophe;
        }
        if script::is_single_character_word(character) {
            return Self::Single;
        }
        if mark::is_mark(character) {
            return Self::Mark;
        }
        if character.is_alphanumeric() {
            return Self::Run;
        }
        if symbol::is_symbol(character) {
            return Self::Single;
        }
        Self::Separator
    }

    fn of_ascii(character: char) -> Self {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => Self::Run,
            '\'' => Self::Apostrophe,
            _ => Self::Separator,
        }
    }
}

/// `'` for every way of writing an apostrophe, any other character unchanged.
pub(super) fn plain_apostrophe(character: char) -> char {
    match character {
        '\u{2019}' | '\u{02BC}' | '\u{FF07}' => '\'',
        other => other,
    }
}

/// A hash of the class and the lower-case form of every code point.
///
/// Compilers carry different Unicode tables; two builds of this crate cut and hash every text alike
/// exactly when this number is equal.
pub fn unicode_fingerprint() -> u64 {
    const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = FNV_OFFSET;
    let mut absorb = |value: u32| hash = (hash ^ u64::from(value)).wrapping_mul(FNV_PRIME);
    for code in 0..=u32::from(char::MAX) {
        let Some(character) = char::from_u32(code) else {
            continue;
        };
        absorb(CharClass::of(character) as u32);
        for lower in character.to_lowercase() {
            absorb(u32::from(lower));
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_characters() {
        for (character, class) in [
            ('a', CharClass::Run),
            ('Z', CharClass::Run),
            ('7', CharClass::Run),
            ('é', CharClass::Run),
            ('ж', CharClass::Run),
            ('한', CharClass::Run),
            ('漢', CharClass::Single),
            ('あ', CharClass::Single),
            ('ก', CharClass::Single),
            ('😀', CharClass::Single),
            ('€', CharClass::Single),
            ('\u{0301}', CharClass::Mark),
            ('\u{FE0F}', CharClass::Mark),
            ('\u{200D}', CharClass::Mark),
            ('\'', CharClass::Apostrophe),
            ('’', CharClass::Apostrophe),
            ('-', CharClass::Separator),
            ('“', CharClass::Separator),
            ('。', CharClass::Separator),
            ('\u{00A0}', CharClass::Separator),
            ('\0', CharClass::Separator),
        ] {
            assert_eq!(CharClass::of(character), class, "{character:?}");
        }
    }
}

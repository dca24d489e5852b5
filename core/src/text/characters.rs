//! Cutting a text into characters.

/// The printable characters of a text, first to last: white space of any kind and length is one
/// space, except before the first and after the last character, where it counts as nothing; control
/// characters are left out.
#[derive(Clone, Debug)]
pub struct Characters<'t> {
    /// Begins with a character that is printed.
    rest: &'t str,
    /// Whether a space comes before it.
    space: bool,
}

impl<'t> Characters<'t> {
    /// The characters of `text`.
    pub fn of(text: &'t str) -> Self {
        Self {
            rest: text.trim_start_matches(is_blank),
            space: false,
        }
    }

    /// The part of the text that has not been cut yet.
    pub fn rest(&self) -> &'t str {
        self.rest
    }
}

impl Iterator for Characters<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if core::mem::take(&mut self.space) {
            return Some(' ');
        }
        let character = self.rest.chars().next()?;
        let after = &self.rest[character.len_utf8()..];
        self.rest = after.trim_start_matches(is_blank);
        let blank = &after[..after.len() - self.rest.len()];
        self.space = !self.rest.is_empty() && blank.contains(char::is_whitespace);
        Some(character)
    }
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn blanks_are_one_space_between_characters() {
        for (text, expected) in [
            ("", ""),
            (" \n", ""),
            ("a", "a"),
            (" The\tboiler \r\n valve. ", "The boiler valve."),
            ("be\u{7}ll\u{0}", "bell"),
            ("東京\u{3000}タワー", "東京 タワー"),
        ] {
            assert_eq!(Characters::of(text).collect::<String>(), expected);
        }
    }
}

//! Stored texts inside a picture: neither markup nor characters that XML forbids.

use core::fmt::{Display, Formatter, Result, Write};

/// A text as XML content or attribute value.
pub(super) struct Xml<'t>(pub(super) &'t str);

impl Display for Xml<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                control if control.is_control() => formatter.write_char(' ')?,
                '\u{fffe}' | '\u{ffff}' => formatter.write_char('\u{fffd}')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// Characters of a [`shortened`] text.
const SHORT: usize = 160;

/// The beginning of a text.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_controls_are_harmless() {
        let text = "<script>\"&'\u{0}\u{1b}\n</script>\u{ffff}é";
        let escaped = "&lt;script&gt;&quot;&amp;&#39;   &lt;/script&gt;\u{fffd}é";
        assert_eq!(Xml(text).to_string(), escaped);
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(200)).chars().count(), SHORT + 1);
    }
}

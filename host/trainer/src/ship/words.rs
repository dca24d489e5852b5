//! The vocabulary's strings beside an image.
//!
//! `NAME.words` is UTF-8 text: the line `memt words 1 FINGERPRINT` (16 hexadecimal digits, those of
//! the image), then one word a line; line i + 2 is the word of row i.

use memt_core::encoder::Fingerprint;

/// The content of a words file.
pub(super) fn words_file(fingerprint: Fingerprint, words: &[String]) -> String {
    let mut text = format!("memt words 1 {fingerprint}\n");
    for word in words {
        text.push_str(word);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_image_and_lists_the_words() {
        let words = ["valve".to_owned(), "boiler".to_owned()];
        let text = words_file(Fingerprint(0xabc), &words);
        assert_eq!(text, "memt words 1 0000000000000abc\nvalve\nboiler\n");
    }
}

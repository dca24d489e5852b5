//! Texts from arguments or from standard input.

use crate::command_line::Failure;
use std::io::Read;

/// A text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// The line of standard input, from 1.
    pub(crate) line: Option<usize>,
}

impl Text {
    /// What a message begins with when this text is refused.
    pub(crate) fn place(&self) -> String {
        match self.line {
            Some(line) => format!("standard input, line {line}: "),
            None => String::new(),
        }
    }
}

/// The texts of the arguments; a single `-` stands for the lines of standard input, of which those
/// without any character but spaces are no texts.
pub(crate) fn texts(arguments: &[String]) -> Result<Vec<Text>, Failure> {
    if arguments != ["-"] {
        let texts = arguments.iter().map(|text| Text {
            text: text.clone(),
            line: None,
        });
        return Ok(texts.collect());
    }
    let mut input = Vec::new();
    std::io::stdin()
        .read_to_end(&mut input)
        .map_err(|error| Failure::failed(format!("cannot read standard input: {error}")))?;
    lines(&input)
}

fn lines(input: &[u8]) -> Result<Vec<Text>, Failure> {
    let mut texts = Vec::new();
    for (line, bytes) in (1..).zip(input.split(|&byte| byte == b'\n')) {
        let text = str::from_utf8(bytes).map_err(|error| {
            Failure::bad_input(format!(
                "standard input, line {line}, byte {}: not UTF-8; convert it, for example with `iconv -f latin1 -t utf-8`",
                error.valid_up_to() + 1
            ))
        })?;
        let text = text.trim_end_matches('\r');
        if !text.trim().is_empty() {
            texts.push(Text {
                text: text.to_owned(),
                line: Some(line),
            });
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers() {
        let texts = lines("one\r\n\n  \nfour".as_bytes()).unwrap();
        let found: Vec<_> = texts
            .iter()
            .map(|text| (text.text.as_str(), text.line))
            .collect();
        assert_eq!(found, [("one", Some(1)), ("four", Some(4))]);
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_named() {
        let Err(Failure::BadInput(message)) = lines(b"fine\nab\xffc\n") else {
            panic!("accepted");
        };
        assert!(
            message.starts_with("standard input, line 2, byte 3: not UTF-8"),
            "{message}"
        );
    }
}

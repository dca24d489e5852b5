//! Values in query strings: JSON, or what Python's `str` makes of a dictionary, as mem0's Python client
//! sends it.

use crate::server::error::ApiError;
use serde_json::Value;

/// Reads JSON or a Python literal.
pub(super) fn value(written: &str) -> Result<Value, ApiError> {
    if let Ok(value) = serde_json::from_str(written) {
        return Ok(value);
    }
    let as_json = as_json(written);
    let parsed = as_json.and_then(|json| serde_json::from_str(&json).ok());
    parsed.ok_or_else(|| {
        ApiError::bad_request(format!("`{written}` is neither JSON nor a Python literal"))
    })
}

/// A Python literal with JSON's quotes and words; `None` if a string does not end.
fn as_json(written: &str) -> Option<String> {
    let mut json = String::with_capacity(written.len());
    let mut rest = written.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\'' | '"' => {
                let text = string(&mut rest, character)?;
                json.push_str(&Value::String(text).to_string());
            }
            '(' => json.push('['),
            ')' => json.push(']'),
            letter if letter.is_ascii_alphabetic() => {
                let mut word = String::from(letter);
                while let Some(next) = rest.next_if(char::is_ascii_alphabetic) {
                    word.push(next);
                }
                json.push_str(match word.as_str() {
                    "True" => "true",
                    "False" => "false",
                    "None" => "null",
                    other => other,
                });
            }
            other => json.push(other),
        }
    }
    Some(json)
}

fn string(rest: &mut impl Iterator<Item = char>, quote: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '\\' => match rest.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                'x' => text.push(code(rest, 2)?),
                'u' => text.push(code(rest, 4)?),
                'U' => text.push(code(rest, 8)?),
                other => text.push(other),
            },
            end if end == quote => return Some(text),
            other => text.push(other),
        }
    }
}

fn code(rest: &mut impl Iterator<Item = char>, digits: usize) -> Option<char> {
    let mut code = 0;
    for _ in 0..digits {
        code = code * 16 + rest.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_python_writes() {
        for (written, wanted) in [
            ("{\"a\": 1}", json!({"a": 1})),
            ("{'user_id': 'x'}", json!({"user_id": "x"})),
            (
                r#"{'AND': [{'user_id': "it's"}, {'a': None, 'b': True, 'c': 1.5}]}"#,
                json!({"AND": [{"user_id": "it's"}, {"a": null, "b": true, "c": 1.5}]}),
            ),
            (
                r#"{'a': 'x\n\'\\\u00e9 \"'}"#,
                json!({"a": "x\n'\\\u{e9} \""}),
            ),
        ] {
            assert_eq!(value(written).unwrap(), wanted, "{written}");
        }
        for wrong in ["{'a': 'x", "{'a'", "user_id", "{'a': x}", "'\\"] {
            assert!(value(wrong).is_err(), "{wrong}");
        }
    }
}

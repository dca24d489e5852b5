//! What a request for embeddings asks for.

use super::error::OpenAiError;
use crate::bank::MAX_TEXT_BYTES;
use memt_core::embedding::DIMENSIONS;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Most texts of a request, as OpenAI has it.
pub(super) const MAX_TEXTS: usize = 2_048;

/// A request for embeddings; further fields are left out of account.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(
    dead_code,
    reason = "the document shows it; `Input::parse` reads it, field by field"
)]
pub(super) struct EmbeddingRequest {
    /// A text, or up to 2,048 of them. Token numbers are refused: they are another model's.
    #[schema(value_type = Vec<String>)]
    input: Value,
    /// `memt`, or a name that `/v1/models` lists.
    model: String,
    /// `float` or `base64`; `float` without it.
    #[schema(value_type = Option<String>)]
    encoding_format: Option<Value>,
    /// 128, if at all.
    #[schema(value_type = Option<u32>)]
    dimensions: Option<Value>,
}

/// How vectors are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As numbers.
    Float,
    /// As bytes.
    Base64,
}

/// A request that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) texts: Vec<String>,
    pub(super) encoding: Encoding,
}

impl Input {
    /// Reads a request for one of `models`.
    pub(super) fn parse(body: &[u8], models: &[String]) -> Result<Self, OpenAiError> {
        let body: Value = serde_json::from_slice(body).map_err(|error| {
            OpenAiError::field("body", format!("the body is not JSON: {error}"))
        })?;
        check_model(&body["model"], models)?;
        check_dimensions(&body["dimensions"])?;
        let encoding = match &body["encoding_format"] {
            Value::Null => Encoding::Float,
            Value::String(format) if format == "float" => Encoding::Float,
            Value::String(format) if format == "base64" => Encoding::Base64,
            other => {
                return Err(OpenAiError::field(
                    "encoding_format",
                    format!("encoding_format is {other}; it is \"float\" or \"base64\""),
                ));
            }
        };
        let texts = texts(&body["input"])?;
        Ok(Self { texts, encoding })
    }
}

fn check_model(given: &Value, models: &[String]) -> Result<(), OpenAiError> {
    let known = || models.join("` or `");
    match given {
        Value::String(model) if models.contains(model) => Ok(()),
        Value::String(model) => Err(OpenAiError::no_model(format!(
            "there is no model `{model}` here; ask for `{}`",
            known()
        ))),
        Value::Null => Err(OpenAiError::field(
            "model",
            format!("model is missing; ask for `{}`", known()),
        )),
        other => Err(OpenAiError::field(
            "model",
            format!("model is {other}; it is a string, `{}`", known()),
        )),
    }
}

/// Fewer dimensions of this model are not what they are of OpenAI's, so only all of them can be had.
fn check_dimensions(given: &Value) -> Result<(), OpenAiError> {
    if given.is_null() || given.as_u64() == Some(DIMENSIONS as u64) {
        return Ok(());
    }
    Err(OpenAiError::field(
        "dimensions",
        format!("dimensions is {given}; this model has {DIMENSIONS} and cannot be cut"),
    ))
}

fn texts(input: &Value) -> Result<Vec<String>, OpenAiError> {
    let given = match input {
        Value::Array(texts) if texts.is_empty() => {
            return Err(OpenAiError::field("input", "input is an empty list"));
        }
        Value::Array(texts) if texts.len() > MAX_TEXTS => {
            return Err(OpenAiError::field(
                "input",
                format!(
                    "input has {} texts, at most {MAX_TEXTS} are taken",
                    texts.len()
                ),
            ));
        }
        Value::Array(texts) => texts.iter().collect(),
        Value::Null => return Err(OpenAiError::field("input", "input is missing")),
        one => vec![one],
    };
    let texts = given.into_iter().enumerate();
    texts.map(|(number, text)| checked(number, text)).collect()
}

fn checked(number: usize, text: &Value) -> Result<String, OpenAiError> {
    let refuse = |message: String| Err(OpenAiError::field("input", message));
    match text {
        Value::String(text) if text.is_empty() => {
            refuse(format!("input {number} is an empty string"))
        }
        Value::String(text) if text.len() > MAX_TEXT_BYTES => refuse(format!(
            "input {number} has {} bytes, at most {MAX_TEXT_BYTES} are taken",
            text.len()
        )),
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Array(_) => refuse(format!(
            "input {number} is token numbers, which belong to another model; send text (LangChain: check_embedding_ctx_length=False)"
        )),
        _ => refuse(format!("input {number} is not a string")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    fn parse(body: &str) -> Result<Input, OpenAiError> {
        Input::parse(body.as_bytes(), &["memt".to_owned()])
    }

    #[test]
    fn reads_what_clients_send() {
        let one = parse(r#"{"input":"a b","model":"memt","user":"x"}"#).unwrap();
        assert_eq!(
            (one.texts, one.encoding),
            (vec!["a b".to_owned()], Encoding::Float)
        );
        let two =
            r#"{"input":["a","..."],"model":"memt","encoding_format":"base64","dimensions":128}"#;
        let two = parse(two).unwrap();
        assert_eq!((two.texts.len(), two.encoding), (2, Encoding::Base64));
        let most = serde_json::json!({"model": "memt", "input": vec!["a"; MAX_TEXTS]});
        assert_eq!(parse(&most.to_string()).unwrap().texts.len(), MAX_TEXTS);
    }

    #[test]
    fn refuses_the_rest() {
        let many = serde_json::json!({"model": "memt", "input": vec!["a"; MAX_TEXTS + 1]});
        let long = serde_json::json!({"model": "memt", "input": "a".repeat(MAX_TEXT_BYTES + 1)});
        for (body, status) in [
            ("", 400),
            ("[]", 400),
            (r#"{"model":"memt"}"#, 400),
            (r#"{"input":"a"}"#, 400),
            (r#"{"input":"a","model":7}"#, 400),
            (r#"{"input":"a","model":"text-embedding-3-small"}"#, 404),
            (r#"{"input":"","model":"memt"}"#, 400),
            (r#"{"input":[],"model":"memt"}"#, 400),
            (r#"{"input":["a",""],"model":"memt"}"#, 400),
            (r#"{"input":[1,2],"model":"memt"}"#, 400),
            (r#"{"input":[[1,2]],"model":"memt"}"#, 400),
            (r#"{"input":[null],"model":"memt"}"#, 400),
            (r#"{"input":"a","model":"memt","dimensions":64}"#, 400),
            (r#"{"input":"a","model":"memt","dimensions":"128"}"#, 400),
            (
                r#"{"input":"a","model":"memt","encoding_format":"hex"}"#,
                400,
            ),
            (&many.to_string(), 400),
            (&long.to_string(), 400),
        ] {
            let refused = parse(body).expect_err(&body[..body.len().min(90)]);
            assert_eq!(
                refused.into_response().status().as_u16(),
                status,
                "{body:.90}"
            );
        }
    }
}

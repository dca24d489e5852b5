//! Adding memories.

use super::request::{Ids, day, metadata, strings, time};
use super::shape::{Answer, Reply, Version, added, object};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::{Memory, NewText};
use crate::server::settings::Settings;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Roles whose messages are instructions and not memories.
const INSTRUCTING: [&str; 2] = ["system", "developer"];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(add_v1))
        .routes(routes!(add_v3))
}

/// What to remember.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(super) struct AddRequest {
    /// Messages `{role, content}`, or one text
    #[serde(default)]
    #[schema(value_type = Object)]
    messages: Value,
    #[serde(flatten)]
    ids: Ids,
    /// The entities may stand here
    #[schema(value_type = Option<Object>)]
    filters: Option<Value>,
    /// Kept beside each memory
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Categories of the memories; nobody else gives them any
    #[schema(value_type = Option<Vec<String>>)]
    categories: Option<Value>,
    /// The last day on which the memories are shown: YYYY-MM-DD
    #[schema(value_type = Option<String>)]
    expiration_date: Option<Value>,
    /// When it was said, in seconds since 1970; now without it
    #[schema(value_type = Option<i64>)]
    timestamp: Option<Value>,
    /// Whether the memories cannot be changed
    immutable: Option<bool>,
    /// `v1.1` for an object instead of a list, on `/v1`
    output_format: Option<String>,
    /// `procedural_memory` needs a language model
    memory_type: Option<String>,
}

/// Remember messages word for word
#[utoipa::path(post, path = "/v1/memories", tag = "mem0", request_body = AddRequest,
    responses((status = 200, body = Reply)))]
async fn add_v1(state: State<Shared>, access: Access, Body(request): Body<AddRequest>) -> Answer {
    add(state, access, request, Version::V1).await
}

/// Remember messages word for word
#[utoipa::path(post, path = "/v3/memories/add", tag = "mem0", request_body = AddRequest,
    responses((status = 200, body = Reply)))]
async fn add_v3(state: State<Shared>, access: Access, Body(request): Body<AddRequest>) -> Answer {
    add(state, access, request, Version::V3).await
}

async fn add(
    State(app): State<Shared>,
    access: Access,
    request: AddRequest,
    version: Version,
) -> Answer {
    let v1_1 = request.output_format.as_deref() == Some("v1.1");
    let (memories, skipped) = remember(&app, &access, request).await?;
    let results: Vec<Value> = memories.iter().map(|memory| added(memory).into()).collect();
    let event = app.memories.events.note(&access, "ADD", &results);
    let mut reply = object(json!({
        "message": "memories are stored word for word",
        "status": "SUCCEEDED",
        "event_id": event,
        "results": results,
    }));
    if !skipped.is_empty() {
        reply.insert("skipped".to_owned(), json!(skipped));
    }
    match version {
        Version::V1 if !v1_1 => {
            let items = results.into_iter().map(|item| {
                let mut item = object(item);
                item.insert("event_id".to_owned(), json!(event));
                item.insert("status".to_owned(), json!("SUCCEEDED"));
                Value::Object(item)
            });
            return Ok(Reply(Value::Array(items.collect())));
        }
        Version::V1 => {
            reply.insert("relations".to_owned(), json!([]));
        }
        _ => {}
    }
    Ok(Reply(Value::Object(reply)))
}

/// Stores the messages of a request; what has no words is told.
pub(super) async fn remember(
    app: &Shared,
    access: &Access,
    request: AddRequest,
) -> Result<(Vec<Memory>, Vec<String>), ApiError> {
    if request.memory_type.as_deref() == Some("procedural_memory") {
        return Err(ApiError::not_implemented(
            "procedural memories are summaries by a language model, which memt does without",
        ));
    }
    let like = NewText {
        scope: request.ids.scope(request.filters.as_ref(), access)?,
        metadata: metadata(request.metadata)?,
        categories: strings("categories", request.categories.as_ref())?,
        created: time("timestamp", request.timestamp.as_ref())?,
        expires: day(request.expiration_date.as_ref())?,
        immutable: request.immutable.unwrap_or(false),
        ..NewText::default()
    };
    let texts = texts(&request.messages, &app.settings, &like)?;
    if texts.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let added = app.memories.add(access, texts).await?;
    if added.memories.is_empty() {
        return Err(ApiError::bad_request(format!(
            "there are no words in {:?}, so nothing could find it again",
            added.without_words
        )));
    }
    Ok((added.memories, added.without_words))
}

/// The texts of messages, in their order.
fn texts(messages: &Value, settings: &Settings, like: &NewText) -> Result<Vec<NewText>, ApiError> {
    let mut texts = Vec::new();
    match messages {
        Value::Null => {
            return Err(ApiError::bad_request(
                "there are no `messages`; send [{\"role\": \"user\", \"content\": \"...\"}]",
            ));
        }
        Value::String(text) => push(&mut texts, settings, like, "user", text),
        Value::Array(messages) => {
            for message in messages {
                match message {
                    Value::String(text) => push(&mut texts, settings, like, "user", text),
                    message => take(&mut texts, settings, like, message)?,
                }
            }
        }
        message => take(&mut texts, settings, like, message)?,
    }
    Ok(texts)
}

fn take(
    texts: &mut Vec<NewText>,
    settings: &Settings,
    like: &NewText,
    message: &Value,
) -> Result<(), ApiError> {
    let Value::Object(fields) = message else {
        return Err(ApiError::bad_request(format!(
            "a message must be {{\"role\", \"content\"}}, not {message}"
        )));
    };
    let role = fields.get("role").and_then(Value::as_str).unwrap_or("user");
    let like = NewText {
        actor: fields
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..like.clone()
    };
    match fields.get("content") {
        // An assistant that calls a tool says nothing.
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(text)) => {
            push(texts, settings, &like, role, text);
            Ok(())
        }
        Some(Value::Array(parts)) => parts
            .iter()
            .try_for_each(|part| take_part(texts, settings, &like, role, part)),
        Some(part) => take_part(texts, settings, &like, role, part),
    }
}

fn take_part(
    texts: &mut Vec<NewText>,
    settings: &Settings,
    like: &NewText,
    role: &str,
    part: &Value,
) -> Result<(), ApiError> {
    let text = match part {
        Value::String(text) => Some(text.as_str()),
        part => part.get("text").and_then(Value::as_str),
    };
    match text {
        Some(text) => {
            push(texts, settings, like, role, text);
            Ok(())
        }
        None => {
            let kind = part.get("type").and_then(Value::as_str).unwrap_or("?");
            Err(ApiError::not_implemented(format!(
                "a part of type `{kind}` is no text; only a language model could describe it, which memt does without"
            )))
        }
    }
}

fn push(texts: &mut Vec<NewText>, settings: &Settings, like: &NewText, role: &str, text: &str) {
    let stored = match settings.store_roles.is_empty() {
        true => !INSTRUCTING.contains(&role),
        false => settings.store_roles.iter().any(|stored| stored == role),
    };
    if !stored || text.is_empty() {
        return;
    }
    let one = |text: &str| NewText {
        text: text.to_owned(),
        role: Some(role.to_owned()),
        ..like.clone()
    };
    match settings.split_beyond {
        Some(most) if text.len() > most => {
            let sentences = text.unicode_sentences().map(str::trim);
            texts.extend(sentences.filter(|sentence| !sentence.is_empty()).map(one));
        }
        _ => texts.push(one(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::Given;

    fn of(messages: Value, given: Given) -> Result<Vec<(String, String)>, ApiError> {
        let settings = given.settle(Default::default()).unwrap();
        let texts = texts(&messages, &settings, &NewText::default())?;
        Ok(texts
            .into_iter()
            .map(|new| (new.role.unwrap_or_default(), new.text))
            .collect())
    }

    #[test]
    fn every_message_but_the_systems_is_taken_word_for_word() {
        let messages = json!([
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": " Hi,  Bob! "},
            {"role": "assistant", "content": null, "tool_calls": []},
            {"role": "assistant", "content": [{"type": "text", "text": "a"}, "b"]},
            {"role": "tool", "content": {"type": "text", "text": "c"}},
            "d"
        ]);
        let stored = of(messages.clone(), Given::default()).unwrap();
        let expected = [
            ("user", " Hi,  Bob! "),
            ("assistant", "a"),
            ("assistant", "b"),
            ("tool", "c"),
            ("user", "d"),
        ];
        let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
        assert_eq!(stored, expected);
        let only = Given {
            store_roles: vec!["assistant".to_owned()],
            ..Given::default()
        };
        assert_eq!(of(messages, only).unwrap().len(), 2);
        let image =
            json!([{"role": "user", "content": {"type": "image_url", "image_url": {"url": "x"}}}]);
        assert_eq!(
            of(image, Given::default()).unwrap_err().status.as_u16(),
            501
        );
        assert!(of(Value::Null, Given::default()).is_err());
        assert!(of(json!([1]), Given::default()).is_err());
    }

    #[test]
    fn long_messages_are_split_into_sentences_on_demand() {
        let split = Given {
            split_beyond: Some(10),
            ..Given::default()
        };
        let stored = of(
            json!("I like tea. Bob likes 3.5 cups of coffee! Short."),
            split,
        )
        .unwrap();
        let texts: Vec<_> = stored.iter().map(|one| one.1.as_str()).collect();
        assert_eq!(
            texts,
            ["I like tea.", "Bob likes 3.5 cups of coffee!", "Short."]
        );
    }
}

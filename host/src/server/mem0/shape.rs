//! Answers in the forms that each version expects.

use super::request::Page;
use crate::server::error::ApiError;
use crate::server::memories::{Found, Listing, Memory};
use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Which of the hosted interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
    V3,
}

/// Any JSON.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(super) struct Reply(pub(super) Value);

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        Json(self.0).into_response()
    }
}

pub(super) type Answer = Result<Reply, ApiError>;

/// `{"message": ..}`: every success has a body, since clients read one.
pub(super) fn said(message: impl ToString) -> Answer {
    Ok(Reply(json!({ "message": message.to_string() })))
}

/// An item of what an addition did.
pub(super) fn added(memory: &Memory) -> Map<String, Value> {
    object(json!({
        "id": memory.id,
        "memory": memory.text,
        "data": { "memory": memory.text },
        "event": "ADD",
        "metadata": memory.metadata,
        "role": memory.details.role,
        "actor_id": memory.details.actor,
        "structured_attributes": null,
    }))
}

/// An answer to a question.
pub(super) fn found(found: &Found, explain: bool) -> Map<String, Value> {
    let mut item = found.memory.described();
    let score = found.hit.score;
    item.insert("score".to_owned(), json!(rounded(score.total)));
    if explain {
        item.insert(
            "score_details".to_owned(),
            json!({
                "cosine": rounded(score.cosine),
                "lexical": rounded(score.lexical),
                "factor": rounded(score.factor),
                "time": rounded(score.time),
                "feedback": rounded(score.feedback),
                "matched": found.matched,
            }),
        );
    }
    item
}

/// A score without the digits that an f32 does not have.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e6).round() / 1e6
}

/// The fields that were asked for; all without any. The id is always there.
pub(super) fn only(mut item: Map<String, Value>, fields: &[String]) -> Value {
    if !fields.is_empty() {
        item.retain(|name, _| name == "id" || fields.iter().any(|field| field == name));
    }
    Value::Object(item)
}

/// A page of memories.
pub(super) fn envelope(listing: &Listing, page: Page, path: &str, fields: &[String]) -> Value {
    let (next, previous) = page.links(path, listing.count);
    json!({
        "count": listing.count,
        "next": next,
        "previous": previous,
        "results": memories(&listing.memories, fields),
    })
}

/// A list of memories.
pub(super) fn memories(memories: &[Memory], fields: &[String]) -> Value {
    let items = memories
        .iter()
        .map(|memory| only(memory.described(), fields));
    Value::Array(items.collect())
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

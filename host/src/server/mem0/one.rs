//! One memory.

use super::request::{Params, day, given, metadata, time};
use super::shape::{Answer, Reply, object, said};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::memory::{hash, written};
use crate::server::memories::{Dialect, Filter, Kind, Updates};
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(get, update, delete))
        .routes(routes!(history))
        .routes(routes!(of_entity))
}

/// What changes of a memory.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
pub(super) struct UpdateRequest {
    /// The new text
    #[serde(alias = "data", alias = "memory")]
    text: Option<String>,
    /// Values to set; null removes one
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// When it was said, in seconds since 1970
    #[schema(value_type = Option<i64>)]
    timestamp: Option<Value>,
    /// The last day, or null for none
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    expiration_date: Option<Value>,
}

impl UpdateRequest {
    pub(super) fn updates(self) -> Result<Updates, ApiError> {
        let metadata = match self.metadata {
            None | Some(Value::Null) => None,
            some => Some(metadata(some)?),
        };
        let updates = Updates {
            text: self.text,
            metadata,
            created: time("timestamp", self.timestamp.as_ref())?,
            expires: match &self.expiration_date {
                None => None,
                given => Some(day(given.as_ref())?),
            },
        };
        if updates.text.is_none()
            && updates.metadata.is_none()
            && updates.created.is_none()
            && updates.expires.is_none()
        {
            return Err(ApiError::bad_request(
                "nothing changes; give text, metadata, timestamp or expiration_date",
            ));
        }
        Ok(updates)
    }
}

/// A memory
#[utoipa::path(get, path = "/v1/memories/{id}", tag = "mem0", params(("id" = String, Path)),
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn get(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    let memory = app.memories.get(&access, &id)?;
    Ok(Reply(Value::Object(memory.described())))
}

/// Change a memory; its id stays
#[utoipa::path(put, path = "/v1/memories/{id}", tag = "mem0", params(("id" = String, Path)),
    request_body = UpdateRequest,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn update(
    State(app): State<Shared>,
    access: Access,
    Path(id): Path<String>,
    Body(request): Body<UpdateRequest>,
) -> Answer {
    let memory = app
        .memories
        .update(&access, &id, request.updates()?)
        .await?;
    let mut reply = memory.described();
    app.memories
        .events
        .note(&access, "UPDATE", &[Value::Object(reply.clone())]);
    let message = Value::String("Memory updated successfully!".to_owned());
    reply.insert("message".to_owned(), message);
    Ok(Reply(Value::Object(reply)))
}

/// Forget a memory
#[utoipa::path(delete, path = "/v1/memories/{id}", tag = "mem0", params(("id" = String, Path)),
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn delete(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    app.memories.delete(&access, vec![id.clone()]).await?;
    app.memories
        .events
        .note(&access, "DELETE", &[json!({ "id": id, "event": "DELETE" })]);
    said("Memory deleted successfully!")
}

/// What became of a memory, oldest first
#[utoipa::path(get, path = "/v1/memories/{id}/history", tag = "mem0", params(("id" = String, Path)),
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn history(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    Ok(Reply(Value::Array(lines(&app, &access, &id)?)))
}

/// The lines of a memory's history. That of its writing is told from what is known of it now.
pub(super) fn lines(app: &Shared, access: &Access, id: &str) -> Result<Vec<Value>, ApiError> {
    let (memory, past) = app.memories.history(access, id)?;
    let first = past.first();
    let text = first.map(|past| past.old.clone());
    let text = text.or_else(|| memory.as_ref().map(|memory| memory.text.clone()));
    let created = first.map(|past| past.created);
    let created = created.or_else(|| memory.as_ref().map(|memory| memory.created));
    let mut lines = Vec::with_capacity(past.len() + 1);
    let user = memory.as_ref().and_then(|memory| memory.scope.user.clone());
    let line = |fields: Value| {
        let mut fields = object(fields);
        fields.insert("memory_id".to_owned(), json!(id));
        fields.insert("user_id".to_owned(), json!(user));
        fields.insert("categories".to_owned(), Value::Null);
        Value::Object(fields)
    };
    let input = |text: &str| json!([{ "role": "user", "content": text }]);
    if let (Some(text), Some(created)) = (text, created) {
        let metadata = memory.as_ref().map(|memory| memory.metadata.clone());
        lines.push(line(json!({
            "id": format!("{}-{}", id, hash(&text)),
            "input": input(&text),
            "old_memory": null,
            "new_memory": text,
            "event": "ADD",
            "metadata": metadata.unwrap_or_default(),
            "created_at": written(created),
            "updated_at": written(created),
        })));
    }
    lines.extend(past.iter().map(|past| {
        line(json!({
            "id": past.id,
            "input": input(past.new.as_deref().unwrap_or(&past.old)),
            "old_memory": past.old,
            "new_memory": past.new,
            "event": past.event,
            "metadata": past.metadata,
            "is_deleted": past.event == "DELETE",
            "created_at": written(past.created),
            "updated_at": written(past.at),
        }))
    }));
    Ok(lines)
}

/// The memories of an entity
#[utoipa::path(get, path = "/v1/memories/{kind}/{name}", tag = "mem0",
    params(("kind" = String, Path), ("name" = String, Path)), responses((status = 200, body = Reply)))]
async fn of_entity(
    State(app): State<Shared>,
    access: Access,
    params: Params,
    Path((kind, name)): Path<(String, String)>,
) -> Answer {
    let kind = Kind::of(&kind).ok_or_else(|| {
        ApiError::not_found(format!("`{kind}` is neither user, agent, app nor run"))
    })?;
    let filter = Filter::parse(
        &Value::Object(Map::from_iter([(
            kind.field().to_owned(),
            Value::String(name),
        )])),
        Dialect::Hosted,
    )?;
    let listing = app
        .memories
        .list(&access, &filter, params.flag("show_expired"), 0, usize::MAX);
    Ok(Reply(super::shape::memories(&listing.memories, &[])))
}

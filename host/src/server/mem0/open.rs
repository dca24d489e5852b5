//! The interface of mem0's open server.

use super::add::{AddRequest, remember};
use super::entities;
use super::many::meant;
use super::one::{UpdateRequest, lines};
use super::request::Params;
use super::shape::{Answer, Reply, said};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::memories::{Dialect, Filter, Memory};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Memories that are listed where no entity is named.
const MOST_OF_ALL: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(add, list, delete_all))
        .routes(routes!(get, update, delete))
        .routes(routes!(history))
        .routes(routes!(reset))
        .routes(routes!(configuration))
        .routes(routes!(providers))
        .routes(routes!(entity_list))
        .routes(routes!(delete_entity))
}

/// Remember messages word for word
#[utoipa::path(post, path = "/memories", tag = "mem0 open", operation_id = "open_add",
    request_body = AddRequest, responses((status = 200, body = Reply)))]
async fn add(State(app): State<Shared>, access: Access, Body(request): Body<AddRequest>) -> Answer {
    let (memories, skipped) = remember(&app, &access, request).await?;
    let results = memories.iter().map(|memory| {
        json!({
            "id": memory.id,
            "memory": memory.text,
            "event": "ADD",
            "role": memory.details.role,
            "actor_id": memory.details.actor,
        })
    });
    let results: Vec<Value> = results.collect();
    Ok(Reply(match skipped.is_empty() {
        true => json!({ "results": results }),
        false => json!({ "results": results, "skipped": skipped }),
    }))
}

/// List memories, newest first; all of them only for a key that has all
#[utoipa::path(get, path = "/memories", tag = "mem0 open", operation_id = "open_list",
    params(("user_id" = Option<String>, Query), ("agent_id" = Option<String>, Query),
        ("run_id" = Option<String>, Query), ("top_k" = Option<usize>, Query),
        ("show_expired" = Option<bool>, Query)),
    responses((status = 200, body = Reply)))]
async fn list(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    let (filter, most) = match meant(&params, Dialect::Open) {
        Ok(filter) => (filter, 20),
        Err(error) if params.get("filters").is_some() => return Err(error),
        Err(_) => {
            access.has_all()?;
            (Filter::all(), MOST_OF_ALL)
        }
    };
    let most = params
        .number("top_k")?
        .or(params.number("limit")?)
        .unwrap_or(most);
    let expired = params.flag("show_expired");
    let listing = app.memories.list(&access, &filter, expired, 0, most);
    let results = listing.memories.iter().map(Memory::described);
    Ok(Reply(json!({ "results": results.collect::<Vec<_>>() })))
}

/// Forget all memories of an entity
#[utoipa::path(delete, path = "/memories", tag = "mem0 open", operation_id = "open_delete_all",
    params(("user_id" = Option<String>, Query), ("agent_id" = Option<String>, Query),
        ("run_id" = Option<String>, Query)),
    responses((status = 200, body = Reply)))]
async fn delete_all(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    let filter = meant(&params, Dialect::Open)?;
    app.memories.delete_where(&access, filter).await?;
    said("All relevant memories deleted")
}

/// A memory, or null
#[utoipa::path(get, path = "/memories/{id}", tag = "mem0 open", operation_id = "open_get",
    params(("id" = String, Path)), responses((status = 200, body = Reply)))]
async fn get(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    match app.memories.get(&access, &id) {
        Ok(memory) => Ok(Reply(Value::Object(memory.described()))),
        Err(error) if error.status == StatusCode::NOT_FOUND => Ok(Reply(Value::Null)),
        Err(error) => Err(error),
    }
}

/// Change a memory
#[utoipa::path(put, path = "/memories/{id}", tag = "mem0 open", operation_id = "open_update",
    params(("id" = String, Path)), request_body = UpdateRequest,
    responses((status = 200, body = Reply)))]
async fn update(
    State(app): State<Shared>,
    access: Access,
    Path(id): Path<String>,
    Body(request): Body<UpdateRequest>,
) -> Answer {
    app.memories
        .update(&access, &id, request.updates()?)
        .await?;
    said("Memory updated successfully!")
}

/// Forget a memory
#[utoipa::path(delete, path = "/memories/{id}", tag = "mem0 open", operation_id = "open_delete",
    params(("id" = String, Path)), responses((status = 200, body = Reply)))]
async fn delete(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    app.memories.delete(&access, vec![id]).await?;
    said("Memory deleted successfully")
}

/// What became of a memory, oldest first
#[utoipa::path(get, path = "/memories/{id}/history", tag = "mem0 open", operation_id = "open_history",
    params(("id" = String, Path)), responses((status = 200, body = Reply)))]
async fn history(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    Ok(Reply(Value::Array(lines(&app, &access, &id)?)))
}

/// Forget everything
#[utoipa::path(post, path = "/reset", tag = "mem0 open", responses((status = 200, body = Reply)))]
async fn reset(State(app): State<Shared>, access: Access) -> Answer {
    access.has_all()?;
    app.memories.delete_where(&access, Filter::all()).await?;
    said("All memories reset")
}

/// What is configured: nothing, since there is no language model
#[utoipa::path(get, path = "/configure", tag = "mem0 open", responses((status = 200, body = Reply)))]
async fn configuration(_: Access) -> Reply {
    Reply(
        json!({ "llm": null, "embedder": { "provider": "memt" }, "vector_store": { "provider": "memt" } }),
    )
}

/// What could be configured: no language model, and one encoder
#[utoipa::path(get, path = "/configure/providers", tag = "mem0 open", responses((status = 200, body = Reply)))]
async fn providers(_: Access) -> Reply {
    Reply(json!({ "llm": [], "embedder": ["memt"], "vector_store": ["memt"] }))
}

/// Users, agents and runs that have memories
#[utoipa::path(get, path = "/entities", tag = "mem0 open", operation_id = "open_entities",
    responses((status = 200, body = Reply)))]
async fn entity_list(State(app): State<Shared>, access: Access) -> Reply {
    let entities = app.memories.entities(&access);
    Reply(Value::Array(
        entities.iter().map(entities::described).collect(),
    ))
}

/// Forget an entity: all memories that belong to it
#[utoipa::path(delete, path = "/entities/{kind}/{name}", tag = "mem0 open", operation_id = "open_delete_entity",
    params(("kind" = String, Path), ("name" = String, Path)), responses((status = 200, body = Reply)))]
async fn delete_entity(
    state: State<Shared>,
    access: Access,
    Path((kind, name)): Path<(String, String)>,
) -> Answer {
    entities::delete(state, access, &kind, &name).await
}

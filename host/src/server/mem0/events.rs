//! What was asked for and what came of it.

use super::request::{Page, Params};
use super::shape::{Answer, Reply};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::memories::events::Event;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_of_memories))
        .routes(routes!(get))
}

/// The last events, newest first
#[utoipa::path(get, path = "/v1/events", tag = "mem0",
    params(("page" = Option<usize>, Query), ("page_size" = Option<usize>, Query)),
    responses((status = 200, body = Reply)))]
async fn list(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    page_of(&app, &access, &params)
}

/// The last events, newest first
#[utoipa::path(get, path = "/v1/memories/events", tag = "mem0", responses((status = 200, body = Reply)))]
async fn list_of_memories(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    page_of(&app, &access, &params)
}

fn page_of(app: &Shared, access: &Access, params: &Params) -> Answer {
    let mut events = app.memories.events.of(access);
    if let Some(kind) = params.get("event_type") {
        events.retain(|event| event.kind == kind);
    }
    let page = Page::of(params, (None, None))?.unwrap_or(Page::FIRST);
    let (next, previous) = page.links("/v1/events/", events.len());
    let shown = events.iter().skip(page.skip()).take(page.size);
    let shown: Vec<Value> = shown.map(Event::described).collect();
    Ok(Reply(json!({
        "count": events.len(),
        "next": next,
        "previous": previous,
        "results": shown,
    })))
}

/// An event
#[utoipa::path(get, path = "/v1/event/{id}", tag = "mem0", params(("id" = String, Path)),
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn get(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    let event = app.memories.events.get(&access, &id)?;
    Ok(Reply(event.described()))
}

//! What was asked for and what came of it: clients that wait for an addition look here.
//!
//! Everything is done when it is answered, so an event has always succeeded. The last ones of this run of
//! the server are kept; those from before a restart are not.

use super::request::{Page, Params};
use super::shape::{Answer, Reply};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::error::ApiError;
use crate::server::memories::memory::{Micros, now, written};
use axum::extract::{Path, State};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Events that are kept.
const KEPT: usize = 1000;

/// Bytes of results beyond which only ids are kept.
const MOST_BYTES: usize = 16 << 10;

#[derive(Clone, Debug)]
struct Event {
    id: Uuid,
    kind: &'static str,
    key: Arc<str>,
    /// In JSON, which takes a tenth of the room of its values.
    results: Box<str>,
    at: Micros,
}

/// The last events.
#[derive(Debug, Default)]
pub(in crate::server) struct Events(Mutex<VecDeque<Event>>);

impl Events {
    /// Notes that something was done; returns the name of the event.
    pub(super) fn note(&self, access: &Access, kind: &'static str, results: &[Value]) -> Uuid {
        let id = Uuid::now_v7();
        let texts = results
            .iter()
            .filter_map(|item| item.get("memory")?.as_str());
        let results = match texts.map(str::len).sum::<usize>() > MOST_BYTES {
            true => {
                let ids = results
                    .iter()
                    .map(|item| json!({ "id": item.get("id"), "event": item.get("event") }));
                Value::from_iter(ids).to_string()
            }
            // Strings, numbers and maps with string keys always have a form in JSON.
            false => serde_json::to_string(results).unwrap_or_default(),
        };
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() == KEPT {
            events.pop_front();
        }
        events.push_back(Event {
            id,
            kind,
            key: Arc::clone(&access.name),
            results: results.into(),
            at: now(),
        });
        id
    }

    fn of(&self, access: &Access) -> Vec<Event> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = |event: &&Event| access.owners.is_none() || event.key == access.name;
        events.iter().rev().filter(seen).cloned().collect()
    }
}

impl Event {
    fn described(&self) -> Value {
        json!({
            "id": self.id,
            "event_type": self.kind,
            "status": "SUCCEEDED",
            "payload": {},
            "metadata": {},
            "results": serde_json::from_str::<Value>(&self.results).unwrap_or_default(),
            "created_at": written(self.at),
            "updated_at": written(self.at),
            "started_at": written(self.at),
            "completed_at": written(self.at),
            "latency": 0,
        })
    }
}

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
    let mut events = app.events.of(access);
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
    let event = app.events.of(&access).into_iter();
    let event = event.into_iter().find(|event| event.id.to_string() == id);
    event.map(|event| Reply(event.described())).ok_or_else(|| {
        ApiError::not_found(format!(
            "there is no event {id} among the last {KEPT} of this run of the server"
        ))
    })
}

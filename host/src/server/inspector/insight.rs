//! The map, and writes watched step by step.

use crate::bank::OwnedSlot;
use crate::clock;
use crate::insight::{Map, Trace, trace_memory, trace_text};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::{ApiError, Failure};
use crate::store::Store;
use axum::Json;
use axum::extract::{Query, State};
use memt_core::slot::{Factor, Owner};
use memt_core::write::NewMemory;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

/// Most memories of a map.
const MOST: usize = 5_000;

/// Characters of a text on a map.
const EXCERPT: usize = 200;

/// Whose memories to draw.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Drawn {
    /// Whose; of all that the key opens without it.
    owner: Option<String>,
}

/// Memories in the plane.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plane {
    #[schema(value_type = Vec<Object>)]
    points: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    clusters: Vec<Value>,
}

/// The bank in two dimensions
#[utoipa::path(get, path = "/inspector/api/map", tag = "inspector", params(Drawn),
    responses((status = 200, body = Plane), (status = 403, body = Failure)))]
pub(super) async fn map(
    State(app): State<Shared>,
    access: Access,
    Query(drawn): Query<Drawn>,
) -> Result<Json<Plane>, ApiError> {
    let work = move || {
        let kept = app.memories.read();
        let owners = drawn_owners(&kept, &access, drawn.owner.as_deref())?;
        let map = Map::of(kept.bank(), owners.as_deref(), MOST);
        let points = map.points.iter().filter_map(|point| {
            let slot = kept.bank().get(point.key)?;
            Some(json!({
                "id": kept.index.id(&kept.store, point.key).to_string(),
                "x": point.x,
                "y": point.y,
                "cluster": point.cluster,
                "owner": kept.owner_name(slot.facts.owner),
                "strength": slot.facts.strength.to_f32(),
                "created": clock::format(slot.facts.created),
                "text": slot.text.chars().take(EXCERPT).collect::<String>(),
            }))
        });
        let clusters = map.clusters.iter().map(|cluster| {
            json!({ "words": cluster.words, "size": cluster.size, "x": cluster.x, "y": cluster.y })
        });
        Ok(Json(Plane {
            points: points.collect(),
            clusters: clusters.collect(),
        }))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ApiError::internal)?
}

/// The owners that are asked for and that this access opens; `None` for all.
fn drawn_owners(
    store: &Store,
    access: &Access,
    name: Option<&str>,
) -> Result<Option<Vec<Owner>>, ApiError> {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok(Some(vec![opened(store, access, name)?])),
        None if access.owners.is_none() => Ok(None),
        None => {
            let owners = store.bank().owners();
            let owners = owners.filter(|&owner| access.opens(&store.owner_name(owner)));
            Ok(Some(owners.collect()))
        }
    }
}

fn opened(store: &Store, access: &Access, name: &str) -> Result<Owner, ApiError> {
    if !access.opens(name) {
        return Err(ApiError::forbidden(format!(
            "key `{}` does not open memories of `{name}`",
            access.name
        )));
    }
    store.owner(name).map_err(ApiError::bad_request)
}

/// What to trace: a memory, or a text as if it were written now.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Traced {
    /// The id of a memory.
    id: Option<String>,
    /// Or a text.
    text: Option<String>,
    /// Whose the text would be.
    owner: Option<String>,
}

/// Fits, step by step.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Traces {
    #[schema(value_type = Vec<Object>)]
    traces: Vec<Value>,
}

/// Watch how a memory would be fitted; nothing is written
#[utoipa::path(post, path = "/inspector/api/trace", tag = "inspector", request_body = Traced,
    responses((status = 200, body = Traces), (status = 400, body = Failure)))]
pub(super) async fn trace(
    State(app): State<Shared>,
    access: Access,
    Body(traced): Body<Traced>,
) -> Result<Json<Traces>, ApiError> {
    let work = move || {
        let traces = match (&traced.id, &traced.text) {
            (Some(id), None) => {
                let memory = app.memories.get(&access, id)?;
                let kept = app.memories.read();
                let trace = trace_memory(kept.bank(), memory.key, &app.encoder);
                trace.map_err(ApiError::internal)?.into_iter().collect()
            }
            (None, Some(text)) => {
                let kept = app.memories.read();
                let owner = traced.owner.as_deref().unwrap_or_default();
                let owner = opened(&kept, &access, owner)?;
                let new = NewMemory {
                    owner,
                    text,
                    embedding: &app.encoder.encode_one(text).map_err(ApiError::internal)?,
                    created: clock::now(),
                    importance: Factor::ONE,
                };
                let new = OwnedSlot::of(&new, &[]).map_err(ApiError::bad_request)?;
                trace_text(kept.bank(), new, &app.encoder).map_err(ApiError::internal)?
            }
            _ => return Err(ApiError::bad_request("give either `id` or `text`")),
        };
        let kept = app.memories.read();
        let traces = traces.iter().map(|trace| described(trace, &kept));
        Ok(Json(Traces {
            traces: traces.collect(),
        }))
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ApiError::internal)?
}

fn described(trace: &Trace, store: &Store) -> Value {
    let rivals = trace.rivals.iter().map(|&key| {
        let text = store.bank().get(key).map(|slot| slot.text);
        text.unwrap_or("the new memory")
            .chars()
            .take(EXCERPT)
            .collect::<String>()
    });
    json!({
        "text": trace.text,
        "rivals": rivals.collect::<Vec<_>>(),
        "emphasis": trace.emphasis.trim_end(),
        "states": trace.states_described(),
        "ending": trace.ending.to_string(),
    })
}

//! Many memories at once.

use super::one::UpdateRequest;
use super::python;
use super::request::{Ids, Params};
use super::shape::{Answer, Reply, said};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::{Dialect, Filter};
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most memories of a batch.
const MAX_BATCH: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(delete_all))
        .routes(routes!(batch_update, batch_delete))
}

/// Forget all memories of an entity, or that a filter means
#[utoipa::path(delete, path = "/v1/memories", tag = "mem0",
    params(("user_id" = Option<String>, Query), ("agent_id" = Option<String>, Query),
        ("app_id" = Option<String>, Query), ("run_id" = Option<String>, Query),
        ("metadata" = Option<String>, Query), ("filters" = Option<String>, Query)),
    responses((status = 200, body = Reply), (status = 400, body = crate::server::error::Failure)))]
async fn delete_all(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    let deleted = app
        .memories
        .delete_where(&access, meant(&params, Dialect::Hosted)?)
        .await?;
    app.memories.events.note(
        &access,
        "DELETE_ALL",
        &[json!({ "deleted": deleted.len() })],
    );
    said("Memories deleted successfully!")
}

/// The memories that a query string means; never everybody's by accident.
pub(super) fn meant(params: &Params, dialect: Dialect) -> Result<Filter, ApiError> {
    let filters = params.get("filters").map(python::value).transpose()?;
    let mut filter = Ids::of_params(params).filter(filters.as_ref(), dialect)?;
    if let Some(metadata) = params.get("metadata").map(python::value).transpose()? {
        filter = filter.and(Filter::parse(&json!({ "metadata": metadata }), dialect)?);
    }
    match filter.names_an_entity() {
        true => Ok(filter),
        false => Err(ApiError::bad_request(
            "whose memories? name one of user_id, agent_id, app_id, run_id; `*` stands for all of a kind",
        )),
    }
}

/// Changes of many memories.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct BatchUpdate {
    /// The changes
    #[serde(default)]
    memories: Vec<OneUpdate>,
}

/// A change of one memory.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct OneUpdate {
    /// Which memory
    #[serde(alias = "memoryId", alias = "id")]
    memory_id: String,
    #[serde(flatten)]
    update: UpdateRequest,
}

/// Names of many memories.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct BatchDelete {
    /// Which memories
    #[serde(default)]
    memories: Vec<OneName>,
    /// The same, as bare ids
    #[serde(default)]
    memory_ids: Vec<String>,
}

/// The name of a memory.
#[derive(Clone, Debug, Deserialize, ToSchema)]
struct OneName {
    /// Which memory
    #[serde(alias = "memoryId", alias = "id")]
    memory_id: String,
}

fn not_too_many(count: usize) -> Result<(), ApiError> {
    match count {
        0 => Err(ApiError::bad_request("there are no `memories`")),
        1..=MAX_BATCH => Ok(()),
        _ => Err(ApiError::bad_request(format!(
            "{count} memories at once; the most is {MAX_BATCH}"
        ))),
    }
}

/// Change many memories, all or none
#[utoipa::path(put, path = "/v1/batch", tag = "mem0", request_body = BatchUpdate,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn batch_update(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<BatchUpdate>,
) -> Answer {
    not_too_many(request.memories.len())?;
    let updates = request
        .memories
        .into_iter()
        .map(|one| Ok((one.memory_id, one.update.updates()?)));
    let updates = updates.collect::<Result<Vec<_>, ApiError>>()?;
    let changed = app.memories.update_all(&access, updates).await?;
    said(format!("Successfully updated {} memories", changed.len()))
}

/// Forget many memories, all or none
#[utoipa::path(delete, path = "/v1/batch", tag = "mem0", request_body = BatchDelete,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn batch_delete(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<BatchDelete>,
) -> Answer {
    let names = request.memories.into_iter().map(|one| one.memory_id);
    let ids: Vec<String> = names.chain(request.memory_ids).collect();
    not_too_many(ids.len())?;
    let deleted = app.memories.delete(&access, ids).await?;
    said(format!("Successfully deleted {} memories", deleted.len()))
}

//! Exports: a selection of memories, to be fetched later as they are then.

use super::request::{Ids, Params, somebodys};
use super::shape::{Reply, memories};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::journal::{Export, Note};
use crate::server::memories::memory::now;
use crate::server::memories::{Dialect, Filter, Kind};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(create, get_by_query))
        .routes(routes!(get))
}

/// Which memories.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct ExportRequest {
    /// The form that is wanted; it is kept, and only a language model could fill it
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    schema: Value,
    #[serde(flatten)]
    ids: Ids,
    /// Which memories
    #[schema(value_type = Option<Object>)]
    filters: Option<Value>,
    /// Which export
    #[serde(alias = "memoryExportId")]
    memory_export_id: Option<String>,
}

impl ExportRequest {
    /// The filters with the entities at the top put in.
    fn filters(&self) -> Value {
        let mut all = Map::new();
        if let Some(Value::Object(filters)) = &self.filters {
            all.extend(filters.clone());
        }
        for kind in Kind::ALL {
            if let Some(name) = self.ids.get(kind) {
                all.insert(kind.field().to_owned(), json!(name));
            }
        }
        Value::Object(all)
    }
}

/// Select memories for an export
#[utoipa::path(post, path = "/v1/exports", tag = "mem0", request_body = ExportRequest,
    responses((status = 201, body = Reply)))]
async fn create(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<ExportRequest>,
) -> Result<(StatusCode, Reply), ApiError> {
    access.may_write()?;
    let filters = request.filters();
    somebodys(Filter::parse(&filters, Dialect::Hosted)?, &access)?;
    let id = Uuid::now_v7();
    let export = Export {
        id,
        asked_by: access.name.to_string(),
        filters,
        schema: request.schema,
        at: now(),
    };
    app.memories
        .note(move |_| Ok((vec![Note::Export(export.clone())], Vec::new(), ())))
        .await?;
    let reply = Reply(json!({
        "message": "the memories can be fetched as they are; memt fills no schema",
        "id": id,
    }));
    Ok((StatusCode::CREATED, reply))
}

/// Fetch an export: the memories that it selects, as they are now
#[utoipa::path(post, path = "/v1/exports/get", tag = "mem0", request_body = ExportRequest,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn get(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<ExportRequest>,
) -> Result<Reply, ApiError> {
    fetch(&app, &access, &request)
}

/// The same, as the oldest clients ask
#[utoipa::path(get, path = "/v1/exports", tag = "mem0",
    params(("memory_export_id" = Option<String>, Query), ("user_id" = Option<String>, Query)),
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn get_by_query(
    State(app): State<Shared>,
    access: Access,
    params: Params,
) -> Result<Reply, ApiError> {
    let request = ExportRequest {
        ids: Ids::of_params(&params),
        memory_export_id: params.get("memory_export_id").map(str::to_owned),
        ..ExportRequest::default()
    };
    fetch(&app, &access, &request)
}

fn fetch(app: &Shared, access: &Access, request: &ExportRequest) -> Result<Reply, ApiError> {
    let missing = || ApiError::not_found("there is no such export; POST /v1/exports/ makes one");
    let kept = app.memories.read();
    let mine = |export: &Export| access.owners.is_none() || *export.asked_by == *access.name;
    let export = match &request.memory_export_id {
        Some(id) => {
            let id = Uuid::try_parse(id).map_err(|_| missing())?;
            kept.journal.export(&kept, id).filter(mine)
        }
        None => {
            let filters = request.filters();
            let any = filters == json!({});
            let is_meant = |export: &Export| mine(export) && (any || export.filters == filters);
            kept.journal.newest_export(&kept, is_meant)
        }
    };
    drop(kept);
    let export = export.ok_or_else(missing)?;
    let filter = Filter::parse(&export.filters, Dialect::Hosted)?;
    let listing = app.memories.list(access, &filter, false, 0, usize::MAX);
    Ok(Reply(json!({
        "id": export.id,
        "filters": export.filters,
        "memories": memories(&listing.memories, &[]),
    })))
}

//! Snapshots out and in.

use super::super::body;
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::error::{ApiError, Failure};
use axum::Json;
use axum::extract::{Query, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose memories to save.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Saved {
    /// Whose; everybody's without it.
    owner: Option<String>,
}

/// Save a snapshot, which a device or another bank takes in
///
/// A snapshot holds deletions of all owners, so it needs a key for all.
#[utoipa::path(get, path = "/inspector/api/snapshot", tag = "inspector", params(Saved),
    responses((status = 200, content_type = "application/octet-stream"), (status = 403, body = Failure)))]
pub(super) async fn save(
    State(app): State<Shared>,
    access: Access,
    Query(saved): Query<Saved>,
) -> Result<impl IntoResponse, ApiError> {
    access.has_all()?;
    let work = move || {
        let kept = app.memories.read();
        let owner = saved.owner.filter(|owner| !owner.is_empty());
        let owner = owner.map(|owner| kept.owner(&owner)).transpose();
        let owner = owner.map_err(ApiError::bad_request)?;
        Ok::<_, ApiError>(kept.export(owner)?)
    };
    let snapshot = tokio::task::spawn_blocking(work).await;
    let snapshot = snapshot.map_err(ApiError::internal)??;
    Ok(slots("memt.slots", snapshot))
}

/// A snapshot as a file of that name.
pub(super) fn slots(name: &str, snapshot: Vec<u8>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, snapshot)
}

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenIn {
    /// Memories that are new.
    added: usize,
    /// Memories that were there.
    known: usize,
    /// Deletions.
    deleted: usize,
}

/// Take in a snapshot, all or nothing
#[utoipa::path(post, path = "/inspector/api/snapshot", tag = "inspector",
    request_body(content_type = "application/octet-stream"),
    responses((status = 200, body = TakenIn), (status = 400, body = Failure), (status = 403, body = Failure)))]
pub(super) async fn take_in(
    State(app): State<Shared>,
    access: Access,
    request: Request,
) -> Result<Json<TakenIn>, ApiError> {
    access.may_write()?;
    access.has_all()?;
    let snapshot = body::read(request, app.settings.body_limit).await?;
    TakenIn::by(&app, snapshot).await
}

impl TakenIn {
    /// Takes in a snapshot.
    pub(super) async fn by(
        app: &Shared,
        snapshot: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<Json<Self>, ApiError> {
        let report = app
            .memories
            .alone(move |store| store.import(snapshot.as_ref()))
            .await?;
        Ok(Json(Self {
            added: report.added,
            known: report.known,
            deleted: report.deletions,
        }))
    }
}

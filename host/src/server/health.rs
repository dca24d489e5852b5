//! Whether the server runs, and whether it takes requests.

use super::app::Shared;
use super::error::ApiError;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// Which memt.
    version: &'static str,
}

/// `/health` and `/ready`, for anybody.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
}

const OK: Health = Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
};

/// Whether the server runs
#[utoipa::path(get, path = "/health", tag = "operations", security(()),
    responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(OK)
}

/// Whether the server takes requests that write
#[utoipa::path(get, path = "/ready", tag = "operations", security(()),
    responses((status = 200, body = Health), (status = 503, body = super::error::Failure)))]
async fn ready(State(app): State<Shared>) -> Result<Json<Health>, ApiError> {
    if app.is_stopping() {
        return Err(ApiError::unavailable("the server is stopping"));
    }
    app.memories.bring_up_to_date().await?;
    if app.store().is_read_only() {
        return Err(ApiError::unavailable("memories can only be read"));
    }
    if app.store().has_failed() {
        return Err(ApiError::unavailable(
            "a change could not be written; nothing more is until the server starts anew",
        ));
    }
    Ok(Json(OK))
}

//! What clients ask before anything else.

use super::shape::Reply;
use crate::server::access::Access;
use crate::server::app::Shared;
use axum::extract::State;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The organisation and the project that there are. Python's client wants both; an address with an `@`
/// would make clients tell their maker's statistics that all users of memt are one.
pub(super) const ORGANISATION: &str = "local-org";
pub(super) const PROJECT: &str = "local-project";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(ping))
        .routes(routes!(stats))
}

/// Whether the key is good
#[utoipa::path(get, path = "/v1/ping", tag = "mem0", responses((status = 200, body = Reply)))]
async fn ping(access: Access) -> Reply {
    Reply(json!({
        "status": "ok",
        "message": "ok",
        "org_id": ORGANISATION,
        "project_id": PROJECT,
        "user_email": "memt-local",
        "key": &*access.name,
    }))
}

/// How many memories there are
#[utoipa::path(get, path = "/v1/stats", tag = "mem0", responses((status = 200, body = Reply)))]
async fn stats(State(app): State<Shared>, access: Access) -> Reply {
    let entities = app.memories.entities(&access);
    let total = app.memories.count(&access);
    Reply(json!({ "total_memories": total, "total_entities": entities.len() }))
}

//! A window into the memory for a person with a browser: one page, and what it asks for.
//!
//! The page itself holds no memory and answers anybody; whatever it asks for needs the key. Its scripts
//! and styles come from this program and from nowhere else, which the content policy holds the browser to.

mod backup;
mod device;
mod insight;
mod memories;
mod page;
mod snapshot;

use super::app::Shared;
use super::memories::{Filter, Memory};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The page.
pub(super) fn page() -> OpenApiRouter<Shared> {
    page::routes()
}

/// What the page asks for.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(memories::search))
        .routes(routes!(memories::list))
        .routes(routes!(memories::memory))
        .routes(routes!(memories::statistics))
        .routes(routes!(insight::map))
        .routes(routes!(insight::trace))
        .routes(routes!(snapshot::save, snapshot::take_in))
        .routes(routes!(backup::back_up))
        .routes(routes!(device::state))
        .routes(routes!(device::search))
        .routes(routes!(device::save, device::take_in))
}

/// The memories of an owner as the bank calls it, or of all.
fn of_owner(owner: Option<&str>) -> Filter {
    match owner.filter(|owner| !owner.is_empty()) {
        None => Filter::all(),
        Some(owner) => {
            let (kind, name) = super::memories::scope::entity_of(owner);
            Filter::of_entity(kind, name)
        }
    }
}

/// A memory as the page shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = InspectedMemory)]
struct Shown {
    id: String,
    key: String,
    owner: String,
    text: String,
    role: Option<String>,
    created: String,
    metadata: Map<String, Value>,
}

impl Shown {
    fn of(memory: &Memory) -> Self {
        Self {
            id: memory.id.to_string(),
            key: memory.key.to_string(),
            owner: memory.scope.owner_name().unwrap_or_default(),
            text: memory.text.clone(),
            role: memory.details.role.clone(),
            created: super::memories::memory::written(memory.created),
            metadata: memory.metadata.clone(),
        }
    }
}

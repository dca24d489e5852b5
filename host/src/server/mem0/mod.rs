//! mem0's interface: the hosted one in its versions 1, 2 and 3, and that of its open server, all live
//! together.
//!
//! Nothing here needs a language model: every message that is not the system's is stored word for word,
//! whatever `infer` says. What only a language model could do is answered with 501 and why.

mod add;
mod entities;
mod events;
mod exports;
mod feedback;
mod list;
mod many;
mod one;
mod open;
mod ping;
mod project;
mod python;
mod refused;
mod request;
mod search;
mod shape;
mod webhooks;

use super::app::Shared;
use utoipa_axum::router::OpenApiRouter;

/// All routes of mem0.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(ping::routes())
        .merge(add::routes())
        .merge(search::routes())
        .merge(list::routes())
        .merge(one::routes())
        .merge(many::routes())
        .merge(entities::routes())
        .merge(events::routes())
        .merge(feedback::routes())
        .merge(exports::routes())
        .merge(project::routes())
        .merge(webhooks::routes())
        .merge(refused::routes())
        .merge(open::routes())
}

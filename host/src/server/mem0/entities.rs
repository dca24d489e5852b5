//! Entities.

use super::request::{Page, Params};
use super::shape::{Answer, Reply, said};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::memory::{now, written};
use crate::server::memories::scope::owner_name;
use crate::server::memories::{EntityCount, Filter, Kind};
use axum::extract::{Path, State};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(names))
        .routes(routes!(delete_v1))
        .routes(routes!(delete_v2))
        .routes(routes!(make_user))
        .routes(routes!(make_agent))
        .routes(routes!(make_app))
        .routes(routes!(make_run))
}

pub(super) fn described(entity: &EntityCount) -> Value {
    json!({
        "id": entity.name,
        "name": entity.name,
        "type": entity.kind,
        "owner": super::ping::ORGANISATION,
        "organization": super::ping::ORGANISATION,
        "metadata": null,
        "total_memories": entity.memories,
        "created_at": written(entity.created),
        "updated_at": written(entity.updated),
    })
}

/// Users, agents, apps and runs that have memories
#[utoipa::path(get, path = "/v1/entities", tag = "mem0",
    params(("page" = Option<usize>, Query), ("page_size" = Option<usize>, Query)),
    responses((status = 200, body = Reply)))]
async fn list(State(app): State<Shared>, access: Access, params: Params) -> Answer {
    let entities = app.memories.entities(&access);
    let total = |kind: Kind| entities.iter().filter(|entity| entity.kind == kind).count();
    let page = Page::of(&params, (None, None))?;
    let shown: Vec<Value> = match page {
        None => entities.iter().map(described).collect(),
        Some(page) => {
            let shown = entities.iter().skip(page.skip()).take(page.size);
            shown.map(described).collect()
        }
    };
    let (next, previous) = page.map_or((None, None), |page| {
        page.links("/v1/entities/", entities.len())
    });
    Ok(Reply(json!({
        "count": entities.len(),
        "next": next,
        "previous": previous,
        "results": shown,
        "total_users": total(Kind::User),
        "total_agents": total(Kind::Agent),
        "total_apps": total(Kind::App),
        "total_runs": total(Kind::Run),
    })))
}

/// The names of all entities, by kind
#[utoipa::path(get, path = "/v1/entities/filters", tag = "mem0", responses((status = 200, body = Reply)))]
async fn names(State(app): State<Shared>, access: Access) -> Answer {
    let entities = app.memories.entities(&access);
    let of = |kind: Kind| -> Vec<&str> {
        let names = entities.iter().filter(|entity| entity.kind == kind);
        names.map(|entity| entity.name.as_str()).collect()
    };
    Ok(Reply(json!({
        "users": of(Kind::User),
        "agents": of(Kind::Agent),
        "apps": of(Kind::App),
        "runs": of(Kind::Run),
    })))
}

/// Forget an entity: all memories that belong to it
#[utoipa::path(delete, path = "/v1/entities/{kind}/{name}", tag = "mem0",
    params(("kind" = String, Path), ("name" = String, Path)), responses((status = 200, body = Reply)))]
async fn delete_v1(
    state: State<Shared>,
    access: Access,
    Path((kind, name)): Path<(String, String)>,
) -> Answer {
    delete(state, access, &kind, &name).await
}

/// Forget an entity: all memories that belong to it
#[utoipa::path(delete, path = "/v2/entities/{kind}/{name}", tag = "mem0",
    params(("kind" = String, Path), ("name" = String, Path)), responses((status = 200, body = Reply)))]
async fn delete_v2(
    state: State<Shared>,
    access: Access,
    Path((kind, name)): Path<(String, String)>,
) -> Answer {
    delete(state, access, &kind, &name).await
}

pub(super) async fn delete(
    State(app): State<Shared>,
    access: Access,
    kind: &str,
    name: &str,
) -> Answer {
    let kind = Kind::of(kind).ok_or_else(|| {
        ApiError::bad_request(format!("`{kind}` is neither user, agent, app nor run"))
    })?;
    let is_known = app
        .memories
        .entities(&access)
        .iter()
        .any(|entity| entity.kind == kind && entity.name == name);
    access.may_write()?;
    if !is_known {
        return Err(ApiError::not_found(format!("there is no {kind} `{name}`")));
    }
    // A name may be `*`, which is no wildcard here.
    let filter = Filter::Is(
        crate::server::memories::filter::Field::Entity(kind),
        crate::server::memories::filter::Test::Equal(Value::String(name.to_owned())),
    );
    app.memories.delete_where(&access, filter).await?;
    said("Entity deleted successfully!")
}

macro_rules! make {
    ($($name:ident: $path:literal, $kind:expr;)*) => {$(
        /// Name an entity; it comes into being with its first memory
        #[utoipa::path(post, path = $path, tag = "mem0", responses((status = 200, body = Reply)))]
        async fn $name(state: State<Shared>, access: Access, body: Body<Map<String, Value>>) -> Answer {
            make(state, access, $kind, body)
        }
    )*};
}

make! {
    make_user: "/v1/users", Kind::User;
    make_agent: "/v1/agents", Kind::Agent;
    make_app: "/v1/apps", Kind::App;
    make_run: "/v1/runs", Kind::Run;
}

fn make(
    State(app): State<Shared>,
    access: Access,
    kind: Kind,
    Body(given): Body<Map<String, Value>>,
) -> Answer {
    access.may_write()?;
    let name = given.get(kind.field()).and_then(Value::as_str);
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
        ApiError::bad_request(format!("{} is missing: the {kind}'s name", kind.field()))
    })?;
    access.may_touch(&owner_name(kind, name))?;
    let metadata = given.get("metadata").and_then(Value::as_object);
    if metadata.is_some_and(|metadata| !metadata.is_empty()) {
        return Err(ApiError::not_implemented(
            "entities have no metadata; give it to their memories",
        ));
    }
    let entities = app.memories.entities(&access).into_iter();
    let mut known = entities.filter(|entity| entity.kind == kind && entity.name == name);
    let entity = known.next().unwrap_or_else(|| EntityCount {
        kind,
        name: name.to_owned(),
        memories: 0,
        created: now(),
        updated: now(),
    });
    Ok(Reply(described(&entity)))
}

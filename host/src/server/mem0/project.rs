//! The one project, whose settings are kept and given back, and its one member.

use super::ping::{ORGANISATION, PROJECT};
use super::request::Params;
use super::shape::{Answer, Reply, object};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::memories::journal::Note;
use axum::extract::{Path, State};
use serde_json::{Map, Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(organisations))
        .routes(routes!(organisation))
        .routes(routes!(organisation_members))
        .routes(routes!(list))
        .routes(routes!(get, update))
        .routes(routes!(members))
}

fn described(settings: Map<String, Value>) -> Map<String, Value> {
    let mut project = object(json!({
        "id": PROJECT,
        "project_id": PROJECT,
        "org_id": ORGANISATION,
        "name": "memt",
        "custom_instructions": null,
        "custom_categories": null,
        "enable_graph": false,
        "version": "v2",
    }));
    project.extend(settings);
    project
}

fn the_organisation() -> Value {
    json!({ "id": ORGANISATION, "org_id": ORGANISATION, "name": "memt" })
}

/// The one organisation
#[utoipa::path(get, path = "/api/v1/orgs/organizations", tag = "mem0", responses((status = 200, body = Reply)))]
async fn organisations(_: Access) -> Reply {
    Reply(json!([the_organisation()]))
}

/// The one organisation
#[utoipa::path(get, path = "/api/v1/orgs/organizations/{org}", tag = "mem0",
    params(("org" = String, Path)), responses((status = 200, body = Reply)))]
async fn organisation(_: Access, _path: Path<String>) -> Reply {
    Reply(the_organisation())
}

/// The one member
#[utoipa::path(get, path = "/api/v1/orgs/organizations/{org}/members", tag = "mem0",
    params(("org" = String, Path)), responses((status = 200, body = Reply)))]
async fn organisation_members(access: Access, _path: Path<String>) -> Answer {
    the_member(&access)
}

/// The one project
#[utoipa::path(get, path = "/api/v1/orgs/organizations/{org}/projects", tag = "mem0",
    params(("org" = String, Path)), responses((status = 200, body = Reply)))]
async fn list(State(app): State<Shared>, _: Access, _path: Path<String>) -> Reply {
    let kept = app.memories.read();
    let (_, settings) = kept.journal.project(&kept);
    Reply(json!([described(settings)]))
}

/// Settings of the project
#[utoipa::path(get, path = "/api/v1/orgs/organizations/{org}/projects/{project}", tag = "mem0",
    params(("org" = String, Path), ("project" = String, Path)), responses((status = 200, body = Reply)))]
async fn get(
    State(app): State<Shared>,
    _: Access,
    params: Params,
    _path: Path<(String, String)>,
) -> Reply {
    let kept = app.memories.read();
    let (_, settings) = kept.journal.project(&kept);
    let mut project = described(settings);
    if let Some(fields) = params.get("fields") {
        let fields: Vec<&str> = fields.split(',').collect();
        project.retain(|name, _| fields.contains(&name.as_str()));
    }
    Reply(Value::Object(project))
}

/// Keep settings of the project; none of them changes how memt answers
#[utoipa::path(patch, path = "/api/v1/orgs/organizations/{org}/projects/{project}", tag = "mem0",
    params(("org" = String, Path), ("project" = String, Path)), responses((status = 200, body = Reply)))]
async fn update(
    State(app): State<Shared>,
    access: Access,
    _path: Path<(String, String)>,
    Body(given): Body<Map<String, Value>>,
) -> Answer {
    access.may_write()?;
    access.has_all()?;
    const FIXED: [&str; 3] = ["id", "org_id", "project_id"];
    let settings = app
        .memories
        .note(move |kept| {
            let (before, mut settings) = kept.journal.project(kept);
            let given = given.clone().into_iter();
            settings.extend(given.filter(|(name, _)| !FIXED.contains(&name.as_str())));
            let note = Note::Project {
                settings: settings.clone(),
            };
            Ok((vec![note], before.into_iter().collect(), settings))
        })
        .await?;
    let mut reply = described(settings);
    reply.insert("message".to_owned(), json!("Project updated successfully"));
    Ok(Reply(Value::Object(reply)))
}

/// The one member
#[utoipa::path(get, path = "/api/v1/orgs/organizations/{org}/projects/{project}/members", tag = "mem0",
    params(("org" = String, Path), ("project" = String, Path)), responses((status = 200, body = Reply)))]
async fn members(access: Access, _path: Path<(String, String)>) -> Answer {
    the_member(&access)
}

fn the_member(access: &Access) -> Answer {
    access.has_all()?;
    Ok(Reply(json!({
        "members": [{ "user_id": "memt-local", "username": "memt-local", "role": "OWNER" }],
    })))
}

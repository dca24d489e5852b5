//! Addresses that hear of changes.

use super::shape::{Answer, Reply, said};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::journal::{Note, Webhook};
use crate::server::memories::memory::{now, written};
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// What can be heard of.
const EVENTS: [&str; 4] = [
    "memory_add",
    "memory_update",
    "memory_delete",
    "memory_categorize",
];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(update, delete))
}

/// A webhook, or what changes of one.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct WebhookRequest {
    /// What people call it
    name: Option<String>,
    /// The address, http or https
    url: Option<String>,
    /// memory_add, memory_update, memory_delete
    #[serde(alias = "eventTypes")]
    event_types: Option<Vec<String>>,
    /// Whether it is told
    #[serde(alias = "isActive")]
    is_active: Option<bool>,
}

impl WebhookRequest {
    fn check(&self) -> Result<(), ApiError> {
        let url = self.url.as_deref();
        if let Some(url) =
            url.filter(|url| !url.starts_with("http://") && !url.starts_with("https://"))
        {
            return Err(ApiError::bad_request(format!(
                "`url` is `{url}`; it begins with http:// or https://"
            )));
        }
        let events = self.event_types.iter().flatten();
        for event in events {
            if !EVENTS.contains(&event.as_str()) {
                return Err(ApiError::bad_request(format!(
                    "`{event}` is no event; there are {}",
                    EVENTS.join(", ")
                )));
            }
        }
        Ok(())
    }
}

fn described(webhook: &Webhook) -> Value {
    json!({
        "webhook_id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "event_types": webhook.events,
        "is_active": webhook.active,
        "project": webhook.project,
        "owner": super::ping::ORGANISATION,
        "created_at": written(webhook.created),
        "updated_at": written(webhook.updated),
    })
}

/// Webhooks hear of all memories, so only a key for all has to do with them.
fn may(access: &Access) -> Result<(), ApiError> {
    access.has_all()
}

/// All webhooks
#[utoipa::path(get, path = "/api/v1/webhooks/projects/{project}", tag = "mem0",
    params(("project" = String, Path)), responses((status = 200, body = Reply)))]
async fn list(State(app): State<Shared>, access: Access, _path: Path<String>) -> Answer {
    may(&access)?;
    let kept = app.memories.read();
    let webhooks = kept.journal.webhooks(&kept).into_iter();
    Ok(Reply(Value::Array(
        webhooks.map(|(_, webhook)| described(&webhook)).collect(),
    )))
}

/// Let an address hear of changes
#[utoipa::path(post, path = "/api/v1/webhooks/projects/{project}", tag = "mem0",
    params(("project" = String, Path)), request_body = WebhookRequest,
    responses((status = 200, body = Reply)))]
async fn create(
    State(app): State<Shared>,
    access: Access,
    Path(project): Path<String>,
    Body(request): Body<WebhookRequest>,
) -> Answer {
    may(&access)?;
    access.may_write()?;
    request.check()?;
    let url = request
        .url
        .ok_or_else(|| ApiError::bad_request("there is no `url`"))?;
    let at = now();
    let webhook = Webhook {
        id: Uuid::now_v7(),
        name: request.name.unwrap_or_default(),
        url,
        events: request
            .event_types
            .unwrap_or_else(|| EVENTS.map(str::to_owned).to_vec()),
        active: request.is_active.unwrap_or(true),
        project,
        created: at,
        updated: at,
    };
    let made = webhook.clone();
    app.memories
        .note(move |_| Ok((vec![Note::Webhook(webhook.clone())], Vec::new(), ())))
        .await?;
    Ok(Reply(described(&made)))
}

/// Change a webhook
#[utoipa::path(put, path = "/api/v1/webhooks/{id}", tag = "mem0", params(("id" = String, Path)),
    request_body = WebhookRequest, responses((status = 200, body = Reply)))]
async fn update(
    State(app): State<Shared>,
    access: Access,
    Path(id): Path<String>,
    Body(request): Body<WebhookRequest>,
) -> Answer {
    may(&access)?;
    access.may_write()?;
    request.check()?;
    let changed = app
        .memories
        .note(move |kept| {
            let (number, mut webhook) = find(kept.journal.webhooks(kept), &id)?;
            let WebhookRequest {
                name,
                url,
                event_types,
                is_active,
            } = request.clone();
            webhook.name = name.unwrap_or(webhook.name);
            webhook.url = url.unwrap_or(webhook.url);
            webhook.events = event_types.unwrap_or(webhook.events);
            webhook.active = is_active.unwrap_or(webhook.active);
            webhook.updated = now();
            Ok((vec![Note::Webhook(webhook.clone())], vec![number], webhook))
        })
        .await?;
    let mut reply = super::shape::object(described(&changed));
    reply.insert("message".to_owned(), json!("Webhook updated successfully"));
    Ok(Reply(Value::Object(reply)))
}

/// Remove a webhook
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "mem0", params(("id" = String, Path)),
    responses((status = 200, body = Reply)))]
async fn delete(State(app): State<Shared>, access: Access, Path(id): Path<String>) -> Answer {
    may(&access)?;
    access.may_write()?;
    app.memories
        .note(move |kept| {
            let (number, _) = find(kept.journal.webhooks(kept), &id)?;
            Ok((Vec::new(), vec![number], ()))
        })
        .await?;
    said("Webhook deleted successfully")
}

fn find(webhooks: Vec<(u64, Webhook)>, id: &str) -> Result<(u64, Webhook), ApiError> {
    let mut webhooks = webhooks.into_iter();
    let found = webhooks.find(|(_, webhook)| webhook.id.to_string() == id);
    found.ok_or_else(|| ApiError::not_found(format!("there is no webhook {id}")))
}

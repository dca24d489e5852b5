//! A connected device: what it is and holds, questions to it, its memories as a snapshot.
//!
//! A device knows no keys: all of this needs one for all.

use super::snapshot::{TakenIn, slots};
use crate::clock;
use crate::device::{Client, LinkError, Port};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::device::Device;
use crate::server::error::{ApiError, Failure};
use crate::store::owner_of_name;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use memt_core::link::{Call, LISTED_HITS};
use memt_core::score::Mode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

fn connected<'a>(app: &'a Shared, access: &Access) -> Result<&'a Device, ApiError> {
    access.has_all()?;
    app.device.as_ref().ok_or_else(|| {
        ApiError::not_found("this server has no device; start it with --device PORT")
    })
}

/// What a device is and holds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectedDevice)]
pub(super) struct Connected {
    port: String,
    /// Whether it encodes with the model of this memory, so that its memories can be taken in.
    same_model: bool,
    #[schema(value_type = Object)]
    device: Value,
}

/// The connected device
#[utoipa::path(get, path = "/inspector/api/device", tag = "inspector",
    responses((status = 200, body = Connected), (status = 404, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn state(
    State(app): State<Shared>,
    access: Access,
) -> Result<Json<Connected>, ApiError> {
    let device = connected(&app, &access)?;
    let (about, now, counts) = device
        .ask(|client| {
            let now = client.time(None)?;
            Ok((client.device().clone(), now, client.statistics(None)?))
        })
        .await?;
    Ok(Json(Connected {
        port: device.port().to_owned(),
        same_model: about.fingerprint == app.encoder.fingerprint(),
        device: json!({
            "firmware": about.name,
            "model": about.fingerprint.to_string(),
            "memories": counts.memories,
            "slots": about.slots,
            "text_bytes": counts.text_bytes,
            "longest_text": about.text_bytes,
            "times_read": counts.accesses,
            "oldest": counts.oldest.map(clock::format),
            "newest": counts.newest.map(clock::format),
            "deletions": counts.deletions,
            "deletions_that_did_not_fit": counts.lost_deletions,
            "bytes_of_flash": counts.flash_bytes,
            "clock": clock::format(now.0),
            "clock_was_set": now.1,
        }),
    }))
}

/// A question to the device.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = DeviceQuestion)]
pub(super) struct Question {
    query: String,
    /// Whose memories; everybody's without it.
    owner: Option<String>,
    /// The least score, 0 to 1.
    #[serde(default)]
    threshold: f32,
    /// Most answers, 1 to 10.
    top_k: Option<usize>,
}

/// Its answers, best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceAnswers)]
pub(super) struct Answers {
    hits: Vec<Answer>,
}

/// A memory of the device and the parts of its score.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeviceAnswer)]
struct Answer {
    key: String,
    owner: String,
    text: String,
    created: String,
    score: f32,
    cosine: f32,
    lexical: f32,
    lexical_share: f32,
    factor: f32,
}

/// Ask the device; its memories do not count as read
#[utoipa::path(post, path = "/inspector/api/device/search", tag = "inspector", request_body = Question,
    responses((status = 200, body = Answers), (status = 400, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn search(
    State(app): State<Shared>,
    access: Access,
    Body(question): Body<Question>,
) -> Result<Json<Answers>, ApiError> {
    let device = connected(&app, &access)?;
    let owner = question.owner.filter(|owner| !owner.is_empty());
    let most = question.top_k.unwrap_or(LISTED_HITS).clamp(1, LISTED_HITS);
    let hits = device
        .ask(move |client| {
            let hits = client.query(Call::Query {
                text: &question.query,
                owner: owner.as_deref().map(owner_of_name),
                mode: Mode::Fused,
                min_score: question.threshold.clamp(0.0, 1.0),
                recency: None,
                neighbours: false,
                most: most as u8,
                record: false,
            })?;
            let hits = hits.into_iter().map(|hit| {
                let found = client.get(hit.key, false)?;
                Ok((hit, found))
            });
            hits.collect::<Result<Vec<_>, LinkError>>()
        })
        .await?;
    let kept = app.memories.read();
    let hits = hits.into_iter().filter_map(|(hit, found)| {
        let found = found?;
        Some(Answer {
            key: hit.key.to_string(),
            // A device knows owners by number; the name is known here if that owner is.
            owner: kept.owner_name(found.facts.owner),
            text: found.text,
            created: clock::format(hit.created),
            score: hit.score.total,
            cosine: hit.score.cosine,
            lexical: hit.score.lexical,
            lexical_share: super::memories::lexical_share(hit.score.lexical),
            factor: hit.score.factor,
        })
    });
    Ok(Json(Answers {
        hits: hits.collect(),
    }))
}

async fn pull(device: &Device) -> Result<Vec<u8>, ApiError> {
    device
        .ask(|client: &mut Client<Port>| client.pull(|_, _| {}))
        .await
}

/// The device's memories as a snapshot
#[utoipa::path(get, path = "/inspector/api/device/snapshot", tag = "inspector",
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn save(
    State(app): State<Shared>,
    access: Access,
) -> Result<impl IntoResponse, ApiError> {
    let snapshot = pull(connected(&app, &access)?).await?;
    Ok(slots("device.slots", snapshot))
}

/// Take the device's memories into this memory, all or nothing
#[utoipa::path(post, path = "/inspector/api/device/snapshot", tag = "inspector",
    responses((status = 200, body = TakenIn), (status = 400, body = Failure), (status = 404, body = Failure), (status = 503, body = Failure)))]
pub(super) async fn take_in(
    State(app): State<Shared>,
    access: Access,
) -> Result<Json<TakenIn>, ApiError> {
    access.may_write()?;
    let snapshot = pull(connected(&app, &access)?).await?;
    TakenIn::by(&app, snapshot).await
}

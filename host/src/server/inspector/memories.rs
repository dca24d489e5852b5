//! Asking, listing, one memory, counts.

use super::{Shown, of_owner};
use crate::clock;
use crate::insight::Described;
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::{ApiError, Failure};
use crate::server::memories::filter::{Field, Test};
use crate::server::memories::memory::written;
use crate::server::memories::{Filter, Search};
use axum::Json;
use axum::extract::{Path, Query, State};
use memt_core::score::Score;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

/// Words that a memory is described in.
const WORDS: usize = 12;

/// Most answers and most memories of a page.
const MOST: usize = 200;

/// A question.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Question {
    query: String,
    /// Whose memories; everybody's without it.
    owner: Option<String>,
    /// The least score, 0 to 1.
    #[serde(default)]
    threshold: f32,
    /// Most answers, 1 to 200.
    #[serde(default = "few")]
    top_k: usize,
}

const fn few() -> usize {
    10
}

/// Answers, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answers {
    hits: Vec<Answer>,
}

/// A memory and the parts of its score.
#[derive(Debug, Serialize, ToSchema)]
struct Answer {
    memory: Shown,
    /// The score, 0 to 1.
    score: f32,
    /// Likeness in meaning, -1 to 1.
    cosine: f32,
    /// BM25.
    lexical: f32,
    /// The same from 0 to 1, as a bar shows it.
    lexical_share: f32,
    /// What the time of writing added to the evidence.
    time: f32,
    /// What judged questions added to the evidence, or took.
    feedback: f32,
    /// The factor by strength.
    factor: f32,
    /// The words in common.
    matched: Vec<String>,
}

/// BM25 at which its bar is half full.
const HALF_LEXICAL: f32 = 4.0;

/// BM25 from 0 to 1, as a bar shows it.
pub(super) fn lexical_share(lexical: f32) -> f32 {
    lexical / (lexical + HALF_LEXICAL)
}

/// Ask, and see why
#[utoipa::path(post, path = "/inspector/api/search", tag = "inspector", request_body = Question,
    responses((status = 200, body = Answers), (status = 400, body = Failure)))]
pub(super) async fn search(
    State(app): State<Shared>,
    access: Access,
    Body(question): Body<Question>,
) -> Result<Json<Answers>, ApiError> {
    let search = Search {
        filter: of_owner(question.owner.as_deref()),
        query: question.query,
        top_k: question.top_k.clamp(1, MOST),
        threshold: question.threshold.clamp(0.0, 1.0),
        show_expired: false,
        reference: None,
    };
    let found = app.memories.search(&access, &search)?;
    let hits = found.into_iter().map(|found| {
        let Score {
            total,
            cosine,
            lexical,
            factor,
            time,
            feedback,
            ..
        } = found.hit.score;
        Answer {
            memory: Shown::of(&found.memory),
            score: total,
            cosine,
            lexical,
            lexical_share: lexical_share(lexical),
            time,
            feedback,
            factor,
            matched: found.matched,
        }
    });
    Ok(Json(Answers {
        hits: hits.collect(),
    }))
}

/// Which memories to list.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Listed {
    /// Whose; everybody's without it.
    owner: Option<String>,
    /// What the text contains, capital or small.
    text: Option<String>,
    /// The first day, such as 2026-01-31.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// How many to leave out.
    #[serde(default)]
    skip: usize,
    /// How many to show, at most 200.
    #[serde(default = "few")]
    count: usize,
}

/// Some of the memories, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page {
    /// How many there are in all.
    count: usize,
    memories: Vec<Shown>,
}

/// List memories
#[utoipa::path(get, path = "/inspector/api/memories", tag = "inspector", params(Listed),
    responses((status = 200, body = Page), (status = 400, body = Failure)))]
pub(super) async fn list(
    State(app): State<Shared>,
    access: Access,
    Query(listed): Query<Listed>,
) -> Result<Json<Page>, ApiError> {
    let mut filter = of_owner(listed.owner.as_deref());
    if let Some(text) = listed.text.filter(|text| !text.is_empty()) {
        filter = filter.and(Filter::Is(Field::Text, Test::ContainsAnyCase(text)));
    }
    if let Some(from) = listed.from.filter(|from| !from.is_empty()) {
        let from = Test::AtLeast(Value::String(from));
        filter = filter.and(Filter::Is(Field::Created, from));
    }
    if let Some(to) = listed.to.filter(|to| !to.is_empty()) {
        let to = Test::AtMost(Value::String(to));
        filter = filter.and(Filter::Is(Field::Created, to));
    }
    let count = listed.count.clamp(1, MOST);
    let listing = app
        .memories
        .list(&access, &filter, true, listed.skip, count);
    Ok(Json(Page {
        count: listing.count,
        memories: listing.memories.iter().map(Shown::of).collect(),
    }))
}

/// Everything about a memory.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Whole {
    #[schema(value_type = Object)]
    memory: Value,
    /// The words that it stands for.
    #[schema(value_type = Vec<Object>)]
    words: Vec<Described>,
    /// What it was before, oldest first.
    history: Vec<Before>,
}

/// A change of a memory.
#[derive(Debug, Serialize, ToSchema)]
struct Before {
    event: String,
    old: String,
    at: String,
}

/// One memory: what it stands for, and what it was
#[utoipa::path(get, path = "/inspector/api/memory/{id}", tag = "inspector",
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = Whole), (status = 404, body = Failure)))]
pub(super) async fn memory(
    State(app): State<Shared>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Json<Whole>, ApiError> {
    let memory = app.memories.get(&access, &id)?;
    let (_, past) = app.memories.history(&access, &id)?;
    let slot = {
        let kept = app.memories.read();
        let slot = kept.bank().get(memory.key);
        slot.map(|slot| (*slot.facts, *slot.embedding))
    };
    let gone = || ApiError::not_found(format!("there is no memory {id}"));
    let (facts, vector) = slot.ok_or_else(gone)?;
    let described = tokio::task::spawn_blocking({
        let app = Shared::clone(&app);
        move || app.describe(&vector, WORDS)
    });
    let words = described.await.map_err(ApiError::internal)??;
    let mut shown = serde_json::to_value(Shown::of(&memory)).map_err(ApiError::internal)?;
    shown["accesses"] = json!(facts.accesses);
    shown["accessed"] = json!(clock::format(facts.accessed));
    shown["strength"] = json!(facts.strength.to_f32());
    shown["importance"] = json!(facts.importance.to_f32());
    let history = past.into_iter().map(|past| Before {
        event: past.event,
        old: past.old,
        at: written(past.at),
    });
    Ok(Json(Whole {
        memory: shown,
        words,
        history: history.collect(),
    }))
}

/// Counts, and the owners there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    #[schema(value_type = Object)]
    statistics: Value,
    /// Owners with memories that this key opens, at most 1,000.
    owners: Vec<String>,
    /// The port of the connected device, for a key for all.
    device: Option<String>,
}

/// Most owners that the page offers.
const MOST_OWNERS: usize = 1_000;

/// Counts as of now
#[utoipa::path(get, path = "/inspector/api/statistics", tag = "inspector",
    responses((status = 200, body = Counts)))]
pub(super) async fn statistics(State(app): State<Shared>, access: Access) -> Json<Counts> {
    let kept = app.memories.read();
    let bank = kept.bank();
    let owners = bank.owners().map(|owner| (owner, kept.owner_name(owner)));
    let opened: Vec<_> = owners.filter(|(_, name)| access.opens(name)).collect();
    let (mut memories, mut text_bytes, mut accesses) = (0u64, 0u64, 0u64);
    let (mut oldest, mut newest) = (None, None);
    for &(owner, _) in &opened {
        let counts = bank.statistics(Some(owner));
        memories += counts.memories as u64;
        text_bytes += counts.text_bytes as u64;
        accesses += counts.accesses;
        oldest = [oldest, counts.oldest].into_iter().flatten().min();
        newest = newest.max(counts.newest);
    }
    let statistics = json!({
        "memories": memories,
        "owners": opened.len(),
        "text_bytes": text_bytes,
        "times_read": accesses,
        "oldest": oldest.map(clock::format),
        "newest": newest.map(clock::format),
        "model": app.encoder.fingerprint().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "running_for_seconds": app.started.elapsed().as_secs(),
    });
    let owners = opened.into_iter().take(MOST_OWNERS).map(|(_, name)| name);
    let device = app.device.as_ref().filter(|_| access.has_all().is_ok());
    Json(Counts {
        statistics,
        owners: owners.collect(),
        device: device.map(|device| device.port().to_owned()),
    })
}

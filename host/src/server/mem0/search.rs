//! Asking.

use super::request::{Ids, metadata, somebodys, strings, time};
use super::shape::{Answer, Reply, Version, found, only};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::filter::{Field, Test};
use crate::server::memories::memory::seconds;
use crate::server::memories::{Dialect, Filter, Search};
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most answers to one question.
const MAX_TOP_K: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(search_v1))
        .routes(routes!(search_v2))
        .routes(routes!(search_v3))
        .routes(routes!(search_open))
}

/// A question.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct SearchRequest {
    /// The question
    query: Option<String>,
    #[serde(flatten)]
    ids: Ids,
    /// Which memories may answer
    #[schema(value_type = Option<Object>)]
    filters: Option<Value>,
    /// Most answers, 1 to 1000
    #[serde(alias = "limit", alias = "topK")]
    top_k: Option<usize>,
    /// Answers below this score are left out, 0 to 1
    threshold: Option<f64>,
    /// Fields of the answers; all without it
    #[schema(value_type = Option<Vec<String>>)]
    fields: Option<Value>,
    /// One of these categories
    #[schema(value_type = Option<Vec<String>>)]
    categories: Option<Value>,
    /// All of these values
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Whether expired memories answer too
    show_expired: Option<bool>,
    /// The present, where the question speaks of times
    #[schema(value_type = Option<String>)]
    reference_date: Option<Value>,
    /// Whether scores come with their parts
    explain: Option<bool>,
    /// `v1.1` for an object instead of a list
    output_format: Option<String>,
    /// Graphs need a language model; relations are empty
    enable_graph: Option<bool>,
}

/// Ask
#[utoipa::path(post, path = "/v1/memories/search", tag = "mem0", request_body = SearchRequest,
    responses((status = 200, body = Reply)))]
async fn search_v1(
    state: State<Shared>,
    access: Access,
    Body(request): Body<SearchRequest>,
) -> Answer {
    search(state, access, request, Version::V1).await
}

/// Ask
#[utoipa::path(post, path = "/v2/memories/search", tag = "mem0", request_body = SearchRequest,
    responses((status = 200, body = Reply)))]
async fn search_v2(
    state: State<Shared>,
    access: Access,
    Body(request): Body<SearchRequest>,
) -> Answer {
    search(state, access, request, Version::V2).await
}

/// Ask
#[utoipa::path(post, path = "/v3/memories/search", tag = "mem0", request_body = SearchRequest,
    responses((status = 200, body = Reply)))]
async fn search_v3(
    state: State<Shared>,
    access: Access,
    Body(request): Body<SearchRequest>,
) -> Answer {
    search(state, access, request, Version::V3).await
}

async fn search(
    State(app): State<Shared>,
    access: Access,
    request: SearchRequest,
    version: Version,
) -> Answer {
    // What each version documents where nothing is said.
    let threshold = match version {
        Version::V1 => 0.0,
        Version::V2 => 0.3,
        Version::V3 => 0.1,
    };
    let graph = request.enable_graph.unwrap_or(false);
    let wrapped = request.output_format.as_deref() == Some("v1.1");
    let results = answers(&app, &access, request, Dialect::Hosted, 10, threshold)?;
    let brief = results
        .iter()
        .map(|item| json!({ "id": item.get("id"), "score": item.get("score") }));
    app.memories
        .events
        .note(&access, "SEARCH", &brief.collect::<Vec<_>>());
    Ok(Reply(match version {
        Version::V3 => json!({ "results": results }),
        Version::V1 if wrapped || graph => json!({ "results": results, "relations": [] }),
        Version::V2 if wrapped => json!({ "results": results }),
        Version::V1 | Version::V2 => json!(results),
    }))
}

/// Ask, as mem0's open server is asked
#[utoipa::path(post, path = "/search", tag = "mem0 open", request_body = SearchRequest,
    responses((status = 200, body = Reply)))]
async fn search_open(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<SearchRequest>,
) -> Answer {
    let results = answers(&app, &access, request, Dialect::Open, 20, 0.1)?;
    Ok(Reply(json!({ "results": results })))
}

fn answers(
    app: &Shared,
    access: &Access,
    request: SearchRequest,
    dialect: Dialect,
    top_k: usize,
    threshold: f64,
) -> Result<Vec<Value>, ApiError> {
    let fields = strings("fields", request.fields.as_ref())?;
    let explain = request.explain.unwrap_or(false);
    let top_k = request.top_k.unwrap_or(top_k);
    if !(1..=MAX_TOP_K).contains(&top_k) {
        return Err(ApiError::bad_request(format!(
            "`top_k` is {top_k}; it goes from 1 to {MAX_TOP_K}"
        )));
    }
    let threshold = request.threshold.unwrap_or(threshold);
    if !(0.0..=1.0).contains(&threshold) {
        return Err(ApiError::bad_request(format!(
            "`threshold` is {threshold}; it goes from 0 to 1"
        )));
    }
    let mut filter = request.ids.filter(request.filters.as_ref(), dialect)?;
    let metadata = metadata(request.metadata)?;
    if !metadata.is_empty() {
        filter = filter.and(Filter::parse(&json!({ "metadata": metadata }), dialect)?);
    }
    let categories = strings("categories", request.categories.as_ref())?;
    if !categories.is_empty() {
        let any = categories.into_iter().map(Value::String).collect();
        filter = filter.and(Filter::Is(Field::Categories, Test::In(any)));
    }
    let search = Search {
        query: request
            .query
            .ok_or_else(|| ApiError::bad_request("there is no `query`"))?,
        filter: somebodys(filter, access)?,
        top_k,
        threshold: threshold as f32,
        show_expired: request.show_expired.unwrap_or(false),
        reference: time("reference_date", request.reference_date.as_ref())?.map(seconds),
    };
    let answers = app.memories.search(access, &search)?;
    let items = answers
        .iter()
        .map(|answer| only(found(answer, explain), &fields));
    Ok(items.collect())
}

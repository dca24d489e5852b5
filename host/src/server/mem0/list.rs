//! Listing.

use super::python;
use super::request::{Ids, Page, Params, metadata, somebodys, strings};
use super::shape::{Answer, Reply, Version, envelope, memories};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::filter::{Field, Test};
use crate::server::memories::{Dialect, Filter};
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list_v1))
        .routes(routes!(list_v2))
        .routes(routes!(list_v3))
}

/// Which memories.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct ListRequest {
    #[serde(flatten)]
    ids: Ids,
    /// Which memories
    #[schema(value_type = Option<Object>)]
    filters: Option<Value>,
    /// Which page, from 1
    page: Option<usize>,
    /// Memories of a page, 1 to 200
    page_size: Option<usize>,
    /// Written on this day or later
    #[schema(value_type = Option<String>)]
    start_date: Option<Value>,
    /// Written on this day or earlier
    #[schema(value_type = Option<String>)]
    end_date: Option<Value>,
    /// One of these categories
    #[schema(value_type = Option<Vec<String>>)]
    categories: Option<Value>,
    /// All of these in the text
    #[schema(value_type = Option<String>)]
    keywords: Option<Value>,
    /// All of these values
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Fields of the memories; all without it
    #[schema(value_type = Option<Vec<String>>)]
    fields: Option<Value>,
    /// Whether expired memories are listed too
    show_expired: Option<bool>,
}

/// List memories, newest first
#[utoipa::path(get, path = "/v1/memories", tag = "mem0",
    params(("user_id" = Option<String>, Query), ("agent_id" = Option<String>, Query),
        ("app_id" = Option<String>, Query), ("run_id" = Option<String>, Query),
        ("page" = Option<usize>, Query), ("page_size" = Option<usize>, Query),
        ("limit" = Option<usize>, Query), ("keywords" = Option<String>, Query),
        ("categories" = Option<String>, Query), ("metadata" = Option<String>, Query),
        ("start_date" = Option<String>, Query), ("end_date" = Option<String>, Query)),
    responses((status = 200, body = Reply)))]
async fn list_v1(state: State<Shared>, access: Access, params: Params) -> Answer {
    let text = |name: &str| params.get(name).map(|text| Value::String(text.to_owned()));
    let parsed = |name: &str| params.get(name).map(python::value).transpose();
    let request = ListRequest {
        ids: Ids::of_params(&params),
        filters: parsed("filters")?,
        start_date: text("start_date"),
        end_date: text("end_date"),
        categories: text("categories"),
        keywords: text("keywords"),
        metadata: parsed("metadata")?,
        fields: text("fields"),
        show_expired: Some(params.flag("show_expired")),
        ..ListRequest::default()
    };
    list(state, access, params, request, Version::V1)
}

/// List memories, newest first
#[utoipa::path(post, path = "/v2/memories", tag = "mem0", request_body = ListRequest,
    responses((status = 200, body = Reply)))]
async fn list_v2(
    state: State<Shared>,
    access: Access,
    params: Params,
    Body(request): Body<ListRequest>,
) -> Answer {
    list(state, access, params, request, Version::V2)
}

/// List memories, newest first
#[utoipa::path(post, path = "/v3/memories", tag = "mem0", request_body = ListRequest,
    responses((status = 200, body = Reply)))]
async fn list_v3(
    state: State<Shared>,
    access: Access,
    params: Params,
    Body(request): Body<ListRequest>,
) -> Answer {
    list(state, access, params, request, Version::V3)
}

fn list(
    State(app): State<Shared>,
    access: Access,
    params: Params,
    request: ListRequest,
    version: Version,
) -> Answer {
    let fields = strings("fields", request.fields.as_ref())?;
    let filter = somebodys(filter(&request)?, &access)?;
    let expired = request.show_expired.unwrap_or(false);
    let page = Page::of(&params, (request.page, request.page_size))?;
    let page = match version {
        Version::V3 => Some(page.unwrap_or(Page::FIRST)),
        Version::V1 | Version::V2 => page,
    };
    let Some(page) = page else {
        let most = params.number("limit")?.unwrap_or(usize::MAX);
        let listing = app.memories.list(&access, &filter, expired, 0, most);
        return Ok(Reply(memories(&listing.memories, &fields)));
    };
    let listing = app
        .memories
        .list(&access, &filter, expired, page.skip(), page.size);
    let path = match version {
        Version::V1 => "/v1/memories/",
        Version::V2 => "/v2/memories/",
        Version::V3 => "/v3/memories/",
    };
    Ok(Reply(envelope(&listing, page, path, &fields)))
}

fn filter(request: &ListRequest) -> Result<Filter, ApiError> {
    let mut filter = request
        .ids
        .filter(request.filters.as_ref(), Dialect::Hosted)?;
    let metadata = metadata(request.metadata.clone())?;
    let mut also = |value: Value| -> Result<(), ApiError> {
        let all = std::mem::replace(&mut filter, Filter::all());
        filter = all.and(Filter::parse(&value, Dialect::Hosted)?);
        Ok(())
    };
    if !metadata.is_empty() {
        also(json!({ "metadata": metadata }))?;
    }
    if let Some(start) = request.start_date.as_ref().filter(|date| !date.is_null()) {
        also(json!({ "created_at": { "gte": start } }))?;
    }
    if let Some(end) = request.end_date.as_ref().filter(|date| !date.is_null()) {
        also(json!({ "created_at": { "lte": end } }))?;
    }
    if let Some(keywords) = request.keywords.as_ref().filter(|words| !words.is_null()) {
        also(json!({ "keywords": keywords }))?;
    }
    let categories = strings("categories", request.categories.as_ref())?;
    if !categories.is_empty() {
        let any = categories.into_iter().map(Value::String).collect();
        filter = filter.and(Filter::Is(Field::Categories, Test::In(any)));
    }
    Ok(filter)
}

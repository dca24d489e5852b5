//! The surfaces put together.
//!
//! A surface is a module with `routes() -> OpenApiRouter<Shared>`; its routes have no slash at the end
//! (one in a request is dropped), and the document at `/openapi.json` is made of their annotations. Add
//! it to [`guarded`], where each handler can take [`Access`](super::access::Access), or to [`open`], whose
//! routes answer anybody.

use super::app::Shared;
use super::error::ApiError;
use super::{health, inspector, layers, mcp, mem0, metrics, openai};
use axum::extract::Request;
use axum::http::Method;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router, middleware};
use std::sync::Arc;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

/// Routes that answer whoever has a key.
fn guarded(app: &Shared) -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(inspector::routes())
        .merge(mcp::routes(app))
        .merge(mem0::routes())
        .merge(metrics::routes())
        .merge(openai::routes())
}

/// Routes that answer anybody.
fn open() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(health::routes())
        .merge(inspector::page())
}

/// What the document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "memt", description = "A memory for text, without a language model"),
    modifiers(&Keys),
    security(("token" = []), ("key" = []))
)]
struct Document;

struct Keys;

impl utoipa::Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let schemes = document.components.get_or_insert_default();
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        schemes.add_security_scheme("token", token);
        let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-Key")));
        schemes.add_security_scheme("key", key);
    }
}

/// Every route, and the document that describes them.
pub(super) fn routes(app: &Shared) -> (Router<Shared>, utoipa::openapi::OpenApi) {
    let guard = middleware::from_fn_with_state(Arc::clone(app), layers::guard);
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(guarded(app).route_layer(guard))
        .merge(open())
        .split_for_parts()
}

/// The whole service.
pub(super) fn service(app: Shared) -> NormalizePath<Router> {
    let (router, document) = routes(&app);
    let document = Arc::new(document);
    let router = router
        .route(
            "/openapi.json",
            get(move || async move { Json(document.as_ref().clone()) }),
        )
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(layers::after_panic))
        .layer(layers::cross_origin(&app.settings.cors_origins))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            layers::observe,
        ))
        .layer(PropagateRequestIdLayer::new(layers::REQUEST_ID))
        .layer(SetRequestIdLayer::new(layers::REQUEST_ID, MakeRequestUuid))
        .with_state(app);
    NormalizePathLayer::trim_trailing_slash().layer(router)
}

async fn no_such_route(request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    ApiError::not_found(format!(
        "there is no {path}; /openapi.json lists what there is"
    ))
}

async fn no_such_method(method: Method, request: Request) -> impl IntoResponse {
    let path = request.uri().path();
    let status = axum::http::StatusCode::METHOD_NOT_ALLOWED;
    ApiError::new(status, format!("{path} does not take {method}"))
}

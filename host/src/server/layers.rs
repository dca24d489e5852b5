//! What every request passes: who asks, how it is counted and logged, and what may come from a browser.

use super::access::Access;
use super::app::Shared;
use super::error::ApiError;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// The header of a request's own name.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets in whoever has a key, or everybody of this computer where there are no keys, as often as may be.
pub(super) async fn guard(
    State(app): State<Shared>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let access = admit(&app, request.headers(), request.uri())?;
    let asker = match &*access.name {
        NOBODY => match request.extensions().get::<ConnectInfo<SocketAddr>>() {
            Some(ConnectInfo(address)) => address.ip().to_string(),
            None => NOBODY.to_owned(),
        },
        name => name.to_owned(),
    };
    let left = match &app.pace {
        Some(pace) => Some((pace.admit(&asker)?, pace.burst())),
        None => None,
    };
    app.memories.bring_up_to_date().await?;
    request.extensions_mut().insert(access);
    let mut response = next.run(request).await;
    if let Some((left, burst)) = left {
        let headers = response.headers_mut();
        headers.insert("x-ratelimit-limit", HeaderValue::from(burst));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(left));
    }
    Ok(response)
}

/// The name of the access that needs no key.
const NOBODY: &str = "without a key";

fn admit(app: &Shared, headers: &HeaderMap, uri: &Uri) -> Result<Access, ApiError> {
    if app.keys.is_open_to_all() {
        let hosts = &app.settings.allowed_hosts;
        from_here(headers, uri, hosts, &app.settings.cors_origins)?;
        return Ok(Access::whole(NOBODY));
    }
    let secret = secret(headers).ok_or_else(|| {
        ApiError::unauthorized(
            "no key; send `Authorization: Token KEY`, `Authorization: Bearer KEY` or `X-API-Key: KEY`",
        )
    })?;
    let access = app.keys.access(secret);
    access.ok_or_else(|| ApiError::unauthorized("this key is not known here"))
}

/// The key that a request shows, in one of the three ways of mem0's clients.
fn secret(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok();
    }
    let authorization = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = authorization.split_once(' ')?;
    let known = ["token", "bearer"];
    let is_known = known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
    is_known.then(|| key.trim())
}

/// Without keys, a web page that somebody visits must not reach the memories through that person's own
/// browser: neither under a name that was made to point here, nor from another origin.
fn from_here(
    headers: &HeaderMap,
    uri: &Uri,
    hosts: &[String],
    origins: &[String],
) -> Result<(), ApiError> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.or(uri.authority().map(|authority| authority.as_str()));
    if let Some(host) = host.map(without_port)
        && !is_local(host)
        && !hosts.iter().any(|allowed| allowed == host)
    {
        return Err(ApiError::forbidden(format!(
            "without keys, this server is not reached as `{host}`; set a key, or --allowed-host"
        )));
    }
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    if let Some(origin) = origin {
        let its_host = origin.split_once("://").map(|(_, rest)| without_port(rest));
        let known =
            its_host.is_some_and(|its| is_local(its) || hosts.iter().any(|host| host == its));
        let allowed = origins
            .iter()
            .any(|allowed| allowed == origin || allowed == "*");
        if !known && !allowed {
            return Err(ApiError::forbidden(format!(
                "pages of `{origin}` may not ask here; --cors-origin lets them"
            )));
        }
    }
    Ok(())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_local(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

/// Counts and logs a request.
pub(super) async fn observe(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = match request.extensions().get::<MatchedPath>() {
        Some(route) => route.as_str().to_owned(),
        None => "none".to_owned(),
    };
    let id = request.headers().get(REQUEST_ID).cloned();
    app.metrics.in_flight.inc();
    let response = next.run(request).await;
    app.metrics.in_flight.dec();
    let (status, took) = (response.status(), begun.elapsed());
    app.metrics
        .answered(method.as_str(), &route, status.as_u16(), took);
    let id = id.as_ref().and_then(|id| id.to_str().ok()).unwrap_or("");
    let (status, took) = (status.as_u16(), took.as_micros() as u64);
    match status {
        400.. => tracing::info!(id, %method, route, status, microseconds = took, "refused"),
        _ => tracing::debug!(id, %method, route, status, microseconds = took, "answered"),
    }
    response
}

/// The answer to a request that found a fault in the server.
pub(super) fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(message), _) => message,
        (_, Some(message)) => message.as_str(),
        _ => "no message",
    };
    tracing::error!(message, "a request found a fault");
    ApiError::internal("a fault of the server; its log says which").into_response()
}

/// What browsers may send from pages of these origins.
pub(super) fn cross_origin(origins: &[String]) -> CorsLayer {
    let allowed = match origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::any(),
        false => {
            let origins = origins.iter().filter_map(|origin| origin.parse().ok());
            AllowOrigin::list(origins.collect::<Vec<HeaderValue>>())
        }
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([REQUEST_ID, HeaderName::from_static("retry-after")])
        .max_age(Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).unwrap())
        });
        pairs.collect()
    }

    #[test]
    fn keys_come_in_three_ways() {
        for pair in [
            ("authorization", "Token k"),
            ("authorization", "bearer  k"),
            ("x-api-key", "k"),
        ] {
            assert_eq!(secret(&headers(&[pair])), Some("k"), "{pair:?}");
        }
        assert_eq!(secret(&headers(&[("authorization", "Basic k")])), None);
        assert_eq!(secret(&headers(&[])), None);
    }

    #[test]
    fn without_keys_only_this_computer_is_answered() {
        let uri = Uri::from_static("/v1/ping");
        let check = |pairs: &[(&'static str, &str)]| from_here(&headers(pairs), &uri, &[], &[]);
        for host in ["localhost:8123", "127.0.0.1", "[::1]:8123"] {
            assert!(check(&[("host", host)]).is_ok(), "{host}");
        }
        assert!(check(&[("host", "evil.example:8123")]).is_err());
        assert!(check(&[("host", "localhost"), ("origin", "http://evil.example")]).is_err());
        assert!(check(&[("host", "localhost"), ("origin", "null")]).is_err());
        assert!(check(&[("host", "localhost"), ("origin", "http://localhost:3000")]).is_ok());
    }
}

//! The page and its parts, as they lie in this program.

use crate::server::app::Shared;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const PAGE: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/app.js");
const STYLE: &str = include_str!("page/style.css");

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .route("/", get(|| async { Redirect::temporary("/inspector") }))
        .route(
            "/inspector",
            get(|| async { part("text/html; charset=utf-8", PAGE) }),
        )
        .route(
            "/inspector/app.js",
            get(|| async { part("text/javascript; charset=utf-8", SCRIPT) }),
        )
        .route(
            "/inspector/style.css",
            get(|| async { part("text/css; charset=utf-8", STYLE) }),
        )
}

fn part(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // The page of this program, never that of an earlier one.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_nothing_inline_and_nothing_from_elsewhere() {
        for piece in [
            "style=",
            "onclick=",
            "onload=",
            "<style",
            "://",
            "javascript:",
        ] {
            assert!(!PAGE.contains(piece), "{piece}");
        }
        assert_eq!(PAGE.matches("<script").count(), 1);
        assert!(PAGE.contains("<script src=\"inspector/app.js\" defer></script>"));
        for piece in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!SCRIPT.contains(piece), "{piece}");
        }
        let elsewhere = SCRIPT.matches("://").count();
        assert_eq!(elsewhere, 1, "only the namespace of SVG");
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
    }
}

//! JSON of a request.

use super::app::Shared;
use super::error::ApiError;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use serde::de::DeserializeOwned;

/// The body of a request, read as JSON within the body limit. An empty body counts as `{}`.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let bytes = read(request, app.settings.body_limit).await?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            ApiError::bad_request(format!("the body is not as it must be: {error}"))
        })
    }
}

/// All bytes of a body, or 413 with the limit.
pub async fn read(request: Request, limit: usize) -> Result<axum::body::Bytes, ApiError> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if let Some(bytes) = announced.filter(|&bytes| bytes > limit) {
        return Err(too_large(format!("the body has {bytes} bytes"), limit));
    }
    let body = request.into_body();
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if is_too_long(&error) => {
            Err(too_large("the body is too long".to_owned(), limit))
        }
        Err(error) => Err(ApiError::bad_request(format!(
            "the body broke off: {error}"
        ))),
    }
}

fn too_large(what: String, limit: usize) -> ApiError {
    let message = format!("{what}; the limit is {limit} bytes (--body-limit)");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.to_string() == "length limit exceeded" {
            return true;
        }
        source = error.source();
    }
    false
}

//! How a request fails: a status and a sentence, in the form that mem0's clients read.

use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A request that failed.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// What kind of failure.
    pub status: StatusCode,
    /// What is wrong and what to do about it.
    pub message: String,
    /// Further headers of the answer.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// The body of a failure. Clients read one of three names for the same sentence.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Failure {
    /// What is wrong.
    pub detail: String,
    /// The same.
    pub error: String,
    /// The same.
    pub message: String,
}

impl Failure {
    /// The body that says this.
    pub fn of(message: String) -> Self {
        Self {
            detail: message.clone(),
            error: message.clone(),
            message,
        }
    }
}

impl ApiError {
    /// A failure of this kind.
    pub fn new(status: StatusCode, message: impl ToString) -> Self {
        Self {
            status,
            message: message.to_string(),
            headers: Vec::new(),
        }
    }

    /// 400: the request is wrong.
    pub fn bad_request(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401: there is no key, or none that opens anything.
    pub fn unauthorized(message: impl ToString) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
            .with("www-authenticate", HeaderValue::from_static("Bearer"))
    }

    /// 403: the key does not open this.
    pub fn forbidden(message: impl ToString) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404: there is no such thing.
    pub fn not_found(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 501: this needs a language model, or is not there for another reason.
    pub fn not_implemented(message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, message)
    }

    /// 503: not now.
    pub fn unavailable(message: impl ToString) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    /// 500: a fault of the server; what happened goes to the log as well.
    pub fn internal(message: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The same with a header.
    pub fn with(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.push((HeaderName::from_static(name), value));
        self
    }
}

impl core::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}: {}", self.status, self.message)
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() && self.status != StatusCode::NOT_IMPLEMENTED {
            tracing::error!(status = self.status.as_u16(), message = %self.message, "request failed");
        }
        let headers: HeaderMap = self.headers.into_iter().collect();
        (self.status, headers, Json(Failure::of(self.message))).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match &error {
            StoreError::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
            StoreError::ReadOnly(_)
            | StoreError::InUse(_)
            | StoreError::Failed(_)
            | StoreError::Overtaken
            | StoreError::OtherModel { .. }
            | StoreError::Server { .. }
            | StoreError::Database { .. } => StatusCode::SERVICE_UNAVAILABLE,
            StoreError::Add(_)
            | StoreError::Snapshot(_)
            | StoreError::OtherSnapshot(_)
            | StoreError::Record { .. } => StatusCode::BAD_REQUEST,
            StoreError::Name(_) | StoreError::Exists(_) => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error)
    }
}

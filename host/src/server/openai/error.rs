//! How a request fails, in the form that OpenAI's clients read.

use crate::server::error::ApiError;
use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// A request that failed, and the field it failed by.
#[derive(Clone, Debug)]
pub(super) struct OpenAiError {
    error: ApiError,
    param: Option<&'static str>,
    code: Option<&'static str>,
}

/// The body of a failure.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OpenAiFailure)]
pub(super) struct Failure {
    error: Details,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = OpenAiFailureDetails)]
struct Details {
    /// What is wrong and what to do about it.
    message: String,
    /// `invalid_request_error` or `server_error`.
    r#type: &'static str,
    /// The field that is wrong.
    param: Option<&'static str>,
    /// A word for programs.
    code: Option<&'static str>,
}

impl OpenAiError {
    /// 400: a field is wrong.
    pub(super) fn field(param: &'static str, message: impl ToString) -> Self {
        Self {
            error: ApiError::bad_request(message),
            param: Some(param),
            code: None,
        }
    }

    /// 404: there is no such model.
    pub(super) fn no_model(message: impl ToString) -> Self {
        Self {
            error: ApiError::not_found(message),
            param: Some("model"),
            code: Some("model_not_found"),
        }
    }

    /// 500: a fault of the server.
    pub(super) fn internal(message: impl ToString) -> Self {
        ApiError::internal(message).into()
    }
}

impl From<ApiError> for OpenAiError {
    fn from(error: ApiError) -> Self {
        Self {
            error,
            param: None,
            code: None,
        }
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let ApiError {
            status,
            message,
            headers,
        } = self.error;
        let kind = if status.is_server_error() {
            tracing::error!(status = status.as_u16(), %message, "request failed");
            "server_error"
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            "rate_limit_error"
        } else {
            "invalid_request_error"
        };
        let failure = Failure {
            error: Details {
                message,
                r#type: kind,
                param: self.param,
                code: self.code,
            },
        };
        let headers: HeaderMap = headers.into_iter().collect();
        (status, headers, Json(failure)).into_response()
    }
}

//! What somebody thought of a memory.

use super::shape::{Answer, Reply};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::memories::journal::{Feedback, Note};
use crate::server::memories::memory::now;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const KINDS: [&str; 3] = ["POSITIVE", "NEGATIVE", "VERY_NEGATIVE"];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(give))
}

/// What somebody thinks of a memory.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
struct FeedbackRequest {
    /// Which memory
    #[serde(default, alias = "memoryId")]
    memory_id: String,
    /// POSITIVE, NEGATIVE, VERY_NEGATIVE, or null to take it back
    feedback: Option<String>,
    /// Why
    #[serde(alias = "feedbackReason")]
    feedback_reason: Option<String>,
}

/// Say what you think of a memory, or take it back
#[utoipa::path(post, path = "/v1/feedback", tag = "mem0", request_body = FeedbackRequest,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn give(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<FeedbackRequest>,
) -> Answer {
    access.may_write()?;
    let kind = request.feedback.as_deref().map(str::to_uppercase);
    if let Some(kind) = kind.as_deref().filter(|kind| !KINDS.contains(kind)) {
        return Err(ApiError::bad_request(format!(
            "`feedback` is `{kind}`; it is one of {}, or null",
            KINDS.join(", ")
        )));
    }
    let memory = app.memories.get(&access, &request.memory_id)?;
    let reason = request.feedback_reason.clone();
    let given = kind.clone();
    app.memories
        .note(move |kept| {
            let before = kept.journal.feedback(memory.id);
            let note = given.clone().map(|feedback| {
                Note::Feedback(Feedback {
                    memory: memory.id,
                    feedback,
                    reason: reason.clone(),
                    at: now(),
                })
            });
            Ok((note.into_iter().collect(), before.into_iter().collect(), ()))
        })
        .await?;
    Ok(Reply(json!({
        "message": "Feedback recorded",
        "memory_id": request.memory_id,
        "feedback": kind,
        "feedback_reason": request.feedback_reason,
    })))
}

//! What somebody thinks of a memory as an answer, from which the next such question is answered better.

use super::shape::{Answer, Reply};
use crate::server::access::Access;
use crate::server::app::Shared;
use crate::server::body::Body;
use crate::server::memories::Opinion;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

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
    /// The question; without it, the last one for which the memory was found
    query: Option<String>,
}

/// Say what you think of a memory, or take it back
#[utoipa::path(post, path = "/v1/feedback", tag = "mem0", request_body = FeedbackRequest,
    responses((status = 200, body = Reply), (status = 404, body = crate::server::error::Failure)))]
async fn give(
    State(app): State<Shared>,
    access: Access,
    Body(request): Body<FeedbackRequest>,
) -> Answer {
    let opinion = Opinion::of(
        request.memory_id.clone(),
        request.feedback.as_deref(),
        request.query,
        request.feedback_reason.clone(),
    )?;
    let word = opinion.word.clone();
    let learned = app.memories.judge(&access, opinion).await?;
    Ok(Reply(json!({
        "message": "Feedback recorded",
        "memory_id": request.memory_id,
        "feedback": word,
        "feedback_reason": request.feedback_reason,
        "query": learned.question,
        "weight": learned.weight,
    })))
}

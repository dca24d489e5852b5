//! The models there are: one.

use super::error::{Failure, OpenAiError};
use crate::clock;
use crate::model::TextEncoder;
use crate::server::app::Shared;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

/// Whatever model the server has.
const ANY: &str = "memt";

/// A model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Model {
    /// `memt` and the fingerprint of its embeddings, or `memt` alone.
    id: String,
    /// `model`.
    object: &'static str,
    /// When the server started, in seconds since 1970.
    created: u64,
    /// `memt`.
    owned_by: &'static str,
}

/// All models.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Models {
    /// `list`.
    object: &'static str,
    data: Vec<Model>,
}

/// The name of a model by its embeddings: vectors under one name can be compared.
pub(super) fn name(encoder: &TextEncoder<'_>) -> String {
    format!("{ANY}-{}", encoder.fingerprint())
}

/// The names that may be asked for.
pub(super) fn names(encoder: &TextEncoder<'_>) -> Vec<String> {
    vec![ANY.to_owned(), name(encoder)]
}

fn described(app: &Shared) -> Vec<Model> {
    let since = u64::from(clock::now().0).saturating_sub(app.started.elapsed().as_secs());
    let names = names(&app.encoder).into_iter();
    names
        .map(|id| Model {
            id,
            object: "model",
            created: since,
            owned_by: ANY,
        })
        .collect()
}

/// The models that can be asked for
#[utoipa::path(get, path = "/v1/models", tag = "openai", responses((status = 200, body = Models)))]
pub(super) async fn models(State(app): State<Shared>) -> Json<Models> {
    Json(Models {
        object: "list",
        data: described(&app),
    })
}

/// One model
#[utoipa::path(get, path = "/v1/models/{model}", tag = "openai",
    params(("model" = String, Path, description = "Its name")),
    responses((status = 200, body = Model), (status = 404, body = Failure)))]
pub(super) async fn model(
    State(app): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<Model>, OpenAiError> {
    let found = described(&app).into_iter().find(|model| model.id == name);
    found.map(Json).ok_or_else(|| {
        let known = names(&app.encoder).join("` and `");
        OpenAiError::no_model(format!("there is no model `{name}` here, but `{known}`"))
    })
}

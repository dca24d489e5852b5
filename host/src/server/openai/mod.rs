//! OpenAI's embeddings: the model's vectors for programs that know that interface.
//!
//! Vectors are those of the integer encoder, scaled to length 1; equal texts give equal bytes. A text
//! without any word has a vector of zeros.

mod error;
mod input;
mod models;

use self::error::OpenAiError;
use self::input::{Encoding, Input};
use super::app::Shared;
use super::body;
use axum::Json;
use axum::extract::{Request, State};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use memt_core::embedding::{DIMENSIONS, Embedding};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `/v1/embeddings` and `/v1/models`.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(embeddings))
        .routes(routes!(models::models))
        .routes(routes!(models::model))
}

/// The vectors of the texts of a request, in their order.
#[derive(Debug, Serialize, ToSchema)]
struct Embeddings {
    /// `list`.
    object: &'static str,
    data: Vec<OneEmbedding>,
    /// The model that encoded.
    model: String,
    usage: Usage,
}

#[derive(Debug, Serialize, ToSchema)]
struct OneEmbedding {
    /// `embedding`.
    object: &'static str,
    /// The number of the text, from 0.
    index: usize,
    embedding: Numbers,
}

/// A vector of length 1.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Numbers {
    /// Numbers.
    Float(Vec<f32>),
    /// The same as little-endian bytes in base64.
    Base64(String),
}

/// What the model read.
#[derive(Debug, Serialize, ToSchema)]
struct Usage {
    /// Words of all texts.
    prompt_tokens: usize,
    /// The same.
    total_tokens: usize,
}

/// Vectors of texts, as OpenAI's clients ask for them
#[utoipa::path(post, path = "/v1/embeddings", tag = "openai",
    request_body = input::EmbeddingRequest,
    responses((status = 200, body = Embeddings), (status = 400, body = error::Failure)))]
async fn embeddings(
    State(app): State<Shared>,
    request: Request,
) -> Result<Json<Embeddings>, OpenAiError> {
    let bytes = body::read(request, app.settings.body_limit).await?;
    let Input { texts, encoding } = Input::parse(&bytes, &models::names(&app.encoder))?;
    let encoder = app.encoder;
    let encoded = tokio::task::spawn_blocking(move || {
        let tokens = texts.iter().map(|text| encoder.count_tokens(text));
        let tokens = tokens.sum();
        (tokens, encoder.encode_all(&texts))
    });
    let (tokens, encoded) = encoded.await.map_err(OpenAiError::internal)?;
    let encoded = encoded.map_err(OpenAiError::internal)?;
    let data = encoded.iter().enumerate().map(|(index, embedding)| {
        let numbers = unit(embedding);
        OneEmbedding {
            object: "embedding",
            index,
            embedding: match encoding {
                Encoding::Float => Numbers::Float(numbers.to_vec()),
                Encoding::Base64 => Numbers::Base64(written(&numbers)),
            },
        }
    });
    Ok(Json(Embeddings {
        object: "list",
        data: data.collect(),
        model: models::name(&app.encoder),
        usage: Usage {
            prompt_tokens: tokens,
            total_tokens: tokens,
        },
    }))
}

/// `e / |e|`, each component to within 2^-24 of itself; zeros for zeros.
fn unit(embedding: &Embedding) -> [f32; DIMENSIONS] {
    let norm = f64::from(embedding.squared_norm()).sqrt().max(1.0);
    embedding.0.map(|x| (f64::from(x) / norm) as f32)
}

fn written(numbers: &[f32; DIMENSIONS]) -> String {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    BASE64_STANDARD.encode(bytes.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_have_length_one_and_zeros_stay() {
        let mut embedding = Embedding::ZERO;
        assert_eq!(unit(&embedding), [0.0; DIMENSIONS]);
        embedding.0[0] = 127;
        embedding.0[5] = -127;
        let numbers = unit(&embedding);
        assert_eq!((numbers[0], numbers[5]), (0.5f32.sqrt(), -(0.5f32.sqrt())));
        let bytes = BASE64_STANDARD.decode(written(&numbers)).unwrap();
        assert_eq!(bytes.len(), 4 * DIMENSIONS);
        assert_eq!(bytes[20..24], (-(0.5f32.sqrt())).to_le_bytes());
    }
}

//! A static sentence encoder: each token has one row, a text is the mean of its rows.
//!
//! Reads what model2vec writes (<https://github.com/MinishLab/model2vec>): `tokenizer.json`, `config.json`
//! (`normalize`) and `model.safetensors` with `embeddings` `[V, D]`, and, where there, `weights` (one a token) and
//! `mapping` (token to row).

use crate::TeacherError;
use crate::config::read_json;
use crate::tensors::TensorFile;
use crate::tokens::Tokens;
use ndarray::{Array1, Array2, ArrayViewMut1};
use serde::Deserialize;
use std::path::Path;

/// Tokens of a text that count, as in model2vec.
const WINDOW: usize = 512;

/// A model in memory.
pub struct StaticModel {
    tokens: Tokens,
    unknown: Option<u32>,
    /// `[V, D]`
    embeddings: Array2<f32>,
    /// By token.
    weights: Option<Array1<f32>>,
    /// By token.
    mapping: Option<Vec<usize>>,
    normalize: bool,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    normalize: bool,
}

/// `tokenizer.json`, as far as it names the token of unknown words.
#[derive(Deserialize)]
struct TokenizerFile {
    model: TokenizerModel,
}

#[derive(Deserialize)]
struct TokenizerModel {
    unk_token: Option<String>,
}

impl StaticModel {
    /// Reads a model from a folder.
    ///
    /// # Errors
    /// [`TeacherError`] if a file is missing or damaged, or a token has no row.
    pub fn open(directory: &Path) -> Result<Self, TeacherError> {
        let config: Config = read_json(&directory.join("config.json"))?;
        let tokens = Tokens::read(directory, WINDOW, false)?;
        let named: TokenizerFile = read_json(&directory.join("tokenizer.json"))?;
        let unknown = named.model.unk_token.and_then(|token| tokens.id(&token));

        let file = TensorFile::read(directory.join("model.safetensors"))?;
        let tensors = file.tensors()?;
        let embeddings = tensors.any_matrix("embeddings")?;
        let mapping = match tensors.has("mapping") {
            true => Some(tensors.indices("mapping")?),
            false => None,
        };
        let mapped = mapping.as_ref().map_or(embeddings.nrows(), Vec::len);
        if mapped < tokens.count() {
            let problem = format!("{mapped} rows for {} tokens", tokens.count());
            return Err(tensors.wrong("embeddings", problem));
        }
        let rows = embeddings.nrows();
        if let Some(row) = mapping.iter().flatten().find(|&&row| row >= rows) {
            return Err(tensors.wrong("mapping", format!("row {row} of {rows}")));
        }
        let weights = match tensors.has("weights") {
            true => Some(tensors.vector("weights", mapped)?),
            false => None,
        };
        Ok(Self {
            tokens,
            unknown,
            embeddings,
            weights,
            mapping,
            normalize: config.normalize,
        })
    }

    /// Components of a vector, D.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.embeddings.ncols()
    }

    /// One row a text, `[N, D]`: the mean of its tokens' weighted rows, of unit length if the model says so.
    /// Unknown tokens do not count; a text of nothing else is zeros.
    ///
    /// # Errors
    /// [`TeacherError::Tokenizer`].
    pub fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, TeacherError> {
        let ids = self.tokens.of(texts)?;
        let mut vectors = Array2::zeros((texts.len(), self.dimensions()));
        for (ids, vector) in ids.iter().zip(vectors.rows_mut()) {
            self.mean(ids, vector);
        }
        Ok(vectors)
    }

    fn mean(&self, ids: &[u32], mut vector: ArrayViewMut1<'_, f32>) {
        let known = ids.iter().filter(|&&id| Some(id) != self.unknown);
        let mut count = 0.0f32;
        for token in known.map(|&id| id as usize) {
            let row = self
                .mapping
                .as_ref()
                .map_or(token, |mapping| mapping[token]);
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[token]);
            vector.scaled_add(weight, &self.embeddings.row(row));
            count += 1.0;
        }
        let divisor = match self.normalize {
            true => vector.dot(&vector).sqrt(),
            false => count,
        };
        vector /= divisor.max(f32::MIN_POSITIVE);
    }
}

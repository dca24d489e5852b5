//! Texts to token ids, through `tokenizer.json`.

use crate::TeacherError;
use std::path::Path;
use tokenizers::{Tokenizer, TruncationParams};

/// A tokenizer that cuts long texts and never pads.
pub(crate) struct Tokens {
    tokenizer: Tokenizer,
    special: bool,
}

impl Tokens {
    /// Reads `tokenizer.json`; texts are cut to `window` tokens, special ones (`[CLS]`, `[SEP]`) counted if they
    /// are added.
    pub(crate) fn read(
        directory: &Path,
        window: usize,
        special: bool,
    ) -> Result<Self, TeacherError> {
        let path = directory.join("tokenizer.json");
        let mut tokenizer =
            Tokenizer::from_file(&path).map_err(|error| TeacherError::content(&path, error))?;
        let truncation = TruncationParams {
            max_length: window,
            ..TruncationParams::default()
        };
        tokenizer
            .with_padding(None)
            .with_truncation(Some(truncation))
            .map_err(|error| TeacherError::content(&path, error))?;
        Ok(Self { tokenizer, special })
    }

    /// The ids of each text.
    pub(crate) fn of(&self, texts: &[&str]) -> Result<Vec<Vec<u32>>, TeacherError> {
        let encodings = self
            .tokenizer
            .encode_batch_fast(texts.to_vec(), self.special)
            .map_err(|error| TeacherError::Tokenizer(error.to_string()))?;
        Ok(encodings
            .iter()
            .map(|text| text.get_ids().to_vec())
            .collect())
    }

    /// Ids there are, special ones included: one more than the largest.
    pub(crate) fn count(&self) -> usize {
        let largest = self.tokenizer.get_vocab(true).into_values().max();
        largest.map_or(0, |id| id as usize + 1)
    }

    /// The id of that token.
    pub(crate) fn id(&self, token: &str) -> Option<u32> {
        self.tokenizer.token_to_id(token)
    }
}

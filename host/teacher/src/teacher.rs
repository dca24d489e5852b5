//! A sentence encoder of the kind of all-MiniLM-L6-v2: BERT, mean over tokens, unit length.

use crate::TeacherError;
use crate::bert::{Bert, by_text};
use crate::config::BertConfig;
use crate::tensors::TensorFile;
use crate::tokens::Tokens;
use ndarray::{Array2, ArrayViewMut1, Axis};
use rayon::prelude::*;
use std::path::Path;

/// Tokens that one thread takes at a time: enough that matrix products run at full speed, few enough that the
/// activations stay near the processor.
const BATCH_TOKENS: usize = 512;

/// A model in memory.
///
/// Vectors agree with PyTorch's in single precision to a cosine of 0.999999.
pub struct Teacher {
    tokens: Tokens,
    bert: Bert,
}

impl Teacher {
    /// Reads `config.json`, `tokenizer.json`, `model.safetensors` and, if there, `sentence_bert_config.json`
    /// (how many tokens of a text count) from a folder.
    ///
    /// # Errors
    /// [`TeacherError`] if a file is missing, damaged, or describes something else than a BERT with absolute
    /// positions and exact GELU.
    pub fn open(directory: &Path) -> Result<Self, TeacherError> {
        let config = BertConfig::read(directory)?;
        let tokens = Tokens::read(directory, config.window(directory)?, true)?;
        if tokens.count() > config.vocab_size {
            let (known, rows) = (tokens.count(), config.vocab_size);
            let problem = format!("{known} tokens, but the model has rows for {rows}");
            return Err(TeacherError::content(
                &directory.join("tokenizer.json"),
                problem,
            ));
        }
        let file = TensorFile::read(directory.join("model.safetensors"))?;
        let bert = Bert::load(&file.tensors()?, &config)?;
        Ok(Self { tokens, bert })
    }

    /// Components of a vector, D: 384 for all-MiniLM-L6-v2.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.bert.width()
    }

    /// One row of unit length a text, `[N, D]`, on all cores. A row does not depend on the other texts beyond the
    /// rounding of sums.
    ///
    /// # Errors
    /// [`TeacherError::Tokenizer`].
    pub fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, TeacherError> {
        let ids = self.tokens.of(texts)?;
        let mut vectors = Array2::zeros((texts.len(), self.dimensions()));
        let mut places: Vec<(&[u32], ArrayViewMut1<'_, f32>)> = ids
            .iter()
            .map(Vec::as_slice)
            .zip(vectors.axis_iter_mut(Axis(0)))
            .collect();
        places.sort_by_key(|(ids, _)| ids.len());
        batches(&mut places)
            .into_par_iter()
            .for_each(|batch| self.encode_batch(batch));
        Ok(vectors)
    }

    fn encode_batch(&self, batch: &mut [(&[u32], ArrayViewMut1<'_, f32>)]) {
        let texts: Vec<&[u32]> = batch.iter().map(|(ids, _)| *ids).collect();
        let stream = self.bert.forward(&texts);
        for (rows, (_, vector)) in by_text(&stream, &texts).zip(batch) {
            let sum = rows.sum_axis(Axis(0));
            // The length of the mean is the same as that of the sum; only a text without tokens has none.
            let length = sum.dot(&sum).sqrt().max(f32::MIN_POSITIVE);
            vector.assign(&(sum / length));
        }
    }
}

/// Cuts a list into parts of at most [`BATCH_TOKENS`] tokens, or one text.
fn batches<'p, 't, P>(mut rest: &'p mut [(&'t [u32], P)]) -> Vec<&'p mut [(&'t [u32], P)]> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let mut tokens = 0;
        let fitting = rest
            .iter()
            .take_while(|(ids, _)| {
                tokens += ids.len();
                tokens <= BATCH_TOKENS
            })
            .count();
        let (part, after) = rest.split_at_mut(fitting.max(1));
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{BATCH_TOKENS, batches};

    #[test]
    fn batches_hold_every_text_once() {
        let texts: Vec<Vec<u32>> = [1, 200, 200, 200, 900, 2]
            .map(|length| vec![0; length])
            .into();
        let mut places: Vec<(&[u32], usize)> = texts.iter().map(Vec::as_slice).zip(0..).collect();
        let parts = batches(&mut places);
        let numbers: Vec<Vec<usize>> = parts
            .iter()
            .map(|part| part.iter().map(|(_, number)| *number).collect())
            .collect();
        assert_eq!(BATCH_TOKENS, 512);
        assert_eq!(numbers, [vec![0, 1, 2], vec![3], vec![4], vec![5]]);
    }
}

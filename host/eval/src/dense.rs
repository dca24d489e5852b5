//! Dense retrieval: texts as vectors, cosine as the score.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use ndarray::{Array2, ArrayView1};

use crate::rank::{GroupRanker, RankError, Ranker};

/// Turns texts into vectors.
pub trait Encoder: Sync {
    /// One row a text, `[N, D]`, any scale; D is the same in every call. A row of zeros has cosine 0 with anything.
    ///
    /// # Errors
    /// Whatever the encoder cannot do.
    fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, RankError>;
}

impl<F: Fn(&[&str]) -> Array2<f32> + Sync> Encoder for F {
    fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, RankError> {
        Ok(self(texts))
    }
}

/// An encoder whose rows are integers, `[N, D]` of i8.
#[derive(Debug, Clone, Copy)]
pub struct Integers<F>(pub F);

impl<F: Fn(&[&str]) -> Array2<i8> + Sync> Encoder for Integers<F> {
    fn encode(&self, texts: &[&str]) -> Result<Array2<f32>, RankError> {
        Ok((self.0)(texts).mapv(f32::from))
    }
}

/// A [`Ranker`] by cosine over an [`Encoder`], which sees each distinct text once.
///
/// It remembers every row, so it is made anew whenever the encoder's weights have changed.
pub struct Dense<'a> {
    encoder: &'a dyn Encoder,
    rows: RwLock<Rows>,
}

/// Unit rows by text.
#[derive(Default)]
struct Rows {
    by_text: HashMap<String, usize>,
    width: Option<usize>,
    flat: Vec<f32>,
}

impl<'a> Dense<'a> {
    /// Borrows the encoder for as long as its weights stay as they are.
    #[must_use]
    pub fn new(encoder: &'a dyn Encoder) -> Self {
        Self {
            encoder,
            rows: RwLock::default(),
        }
    }

    /// Unit rows of the texts, `[N, D]`; zero rows stay zero. Encodes only what is new.
    ///
    /// # Errors
    /// [`RankError`] if the encoder returns a wrong shape or a value that is not finite.
    pub fn embed(&self, texts: &[&str]) -> Result<Array2<f32>, RankError> {
        self.prepare(texts)?;
        // Rows are only ever appended whole, so they stay usable after a panic elsewhere.
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let width = rows.width.unwrap_or(0);
        let mut flat = Vec::with_capacity(texts.len() * width);
        for text in texts {
            let row = rows.by_text[*text];
            flat.extend_from_slice(&rows.flat[row * width..(row + 1) * width]);
        }
        Array2::from_shape_vec((texts.len(), width), flat).map_err(RankError::other)
    }

    fn unknown<'t>(&self, texts: &[&'t str]) -> Vec<&'t str> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let mut seen = std::collections::HashSet::new();
        texts
            .iter()
            .copied()
            .filter(|text| !rows.by_text.contains_key(*text) && seen.insert(*text))
            .collect()
    }
}

impl Rows {
    fn append(&mut self, texts: &[&str], encoded: &Array2<f32>) -> Result<(), RankError> {
        let (rows, found) = encoded.dim();
        if rows != texts.len() {
            return Err(RankError::Rows {
                expected: texts.len(),
                found: rows,
            });
        }
        let expected = *self.width.get_or_insert(found);
        if found != expected {
            return Err(RankError::Width { expected, found });
        }
        for (text, row) in texts.iter().zip(encoded.outer_iter()) {
            if self.by_text.contains_key(*text) {
                continue;
            }
            let scale = inverse_norm(row).ok_or_else(|| RankError::NotFinite {
                text: (*text).to_owned(),
            })?;
            self.flat
                .extend(row.iter().map(|&value| (f64::from(value) * scale) as f32));
            self.by_text.insert((*text).to_owned(), self.by_text.len());
        }
        Ok(())
    }
}

/// `1 / |row|` in f64, 0 for a row of zeros, `None` if a value is not finite.
fn inverse_norm(row: ArrayView1<'_, f32>) -> Option<f64> {
    let square: f64 = row.iter().map(|&value| f64::from(value).powi(2)).sum();
    if square == 0.0 {
        return Some(0.0);
    }
    square.is_finite().then(|| square.sqrt().recip())
}

impl Ranker for Dense<'_> {
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        let unknown = self.unknown(texts);
        if unknown.is_empty() {
            return Ok(());
        }
        let encoded = self.encoder.encode(&unknown)?;
        let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
        rows.append(&unknown, &encoded)
    }

    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        let documents = self.embed(documents)?;
        Ok(Box::new(DenseGroup {
            dense: self,
            documents,
        }))
    }

    fn pair_scores(&self, first: &[&str], second: &[&str]) -> Result<Option<Vec<f32>>, RankError> {
        let (first, second) = (self.embed(first)?, self.embed(second)?);
        let scores = first
            .outer_iter()
            .zip(second.outer_iter())
            .map(|(left, right)| left.dot(&right))
            .collect();
        Ok(Some(scores))
    }
}

struct DenseGroup<'a> {
    dense: &'a Dense<'a>,
    /// Unit rows, `[N, D]`.
    documents: Array2<f32>,
}

impl GroupRanker for DenseGroup<'_> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        Ok(self.scores_batch(&[query])?.into_raw_vec_and_offset().0)
    }

    fn scores_batch(&self, queries: &[&str]) -> Result<Array2<f32>, RankError> {
        Ok(self.dense.embed(queries)?.dot(&self.documents.t()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Dense, Integers, Ranker};
    use ndarray::Array2;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn letters(texts: &[&str]) -> Array2<i8> {
        Array2::from_shape_fn((texts.len(), 2), |(row, column)| {
            let letter = [b'a', b'b'][column];
            texts[row].bytes().filter(|&byte| byte == letter).count() as i8
        })
    }

    #[test]
    fn scores_are_cosines_and_zero_rows_score_zero() {
        let encoder = Integers(letters);
        let dense = Dense::new(&encoder);
        let group = dense.index(&["a", "aab", "bbb", "x"]).unwrap();
        let scores = group.scores("aaaa").unwrap();
        let expected = [1.0, 2.0 / 5.0_f32.sqrt(), 0.0, 0.0];
        for (score, expected) in scores.iter().zip(expected) {
            assert!((score - expected).abs() < 1e-6, "{score} {expected}");
        }
        assert_eq!(group.scores("").unwrap(), [0.0; 4]);
        let pairs = dense.pair_scores(&["aab", "x"], &["bba", "a"]).unwrap();
        let pairs = pairs.unwrap();
        assert!((pairs[0] - 0.8).abs() < 1e-6 && pairs[1] == 0.0);
    }

    #[test]
    fn each_distinct_text_is_encoded_once() {
        let seen = AtomicUsize::new(0);
        let encoder = |texts: &[&str]| {
            seen.fetch_add(texts.len(), Ordering::Relaxed);
            Array2::<f32>::ones((texts.len(), 3))
        };
        let dense = Dense::new(&encoder);
        dense.prepare(&["a", "b", "a"]).unwrap();
        dense.embed(&["b", "c", "a"]).unwrap();
        assert_eq!(seen.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn wrong_shapes_and_values_are_errors() {
        let short = |_: &[&str]| Array2::<f32>::ones((1, 3));
        let error = Dense::new(&short).prepare(&["a", "b"]).unwrap_err();
        assert_eq!(error.to_string(), "the encoder returned 1 rows for 2 texts");
        let wrong = |texts: &[&str]| Array2::<f32>::from_elem((texts.len(), 3), f32::NAN);
        let error = Dense::new(&wrong).prepare(&["a"]).unwrap_err();
        assert!(error.to_string().ends_with("\"a\""), "{error}");
        let growing = |texts: &[&str]| Array2::<f32>::ones((texts.len(), texts[0].len()));
        let dense = Dense::new(&growing);
        dense.prepare(&["a"]).unwrap();
        let error = dense.prepare(&["bb"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the encoder returned rows of 2 values after rows of 1"
        );
    }
}

//! Two rankers, one list: the caller's function joins their scores.

use ndarray::Array2;

use crate::rank::{GroupRanker, RankError, Ranker};

/// Joins the scores that two rankers give to the documents of one query: `combine(dense [N], lexical [N]) -> [N]`.
///
/// It ranks documents only; sets of pairs leave it out.
pub struct Fused<'a, F> {
    dense: &'a dyn Ranker,
    lexical: &'a dyn Ranker,
    combine: F,
}

impl<'a, F: Fn(&[f32], &[f32]) -> Vec<f32> + Sync> Fused<'a, F> {
    /// Borrows both, so that a [`Dense`](crate::Dense) may also be evaluated alone without encoding twice.
    pub fn new(dense: &'a dyn Ranker, lexical: &'a dyn Ranker, combine: F) -> Self {
        Self {
            dense,
            lexical,
            combine,
        }
    }
}

impl<F: Fn(&[f32], &[f32]) -> Vec<f32> + Sync> Ranker for Fused<'_, F> {
    fn prepare(&self, texts: &[&str]) -> Result<(), RankError> {
        self.dense.prepare(texts)?;
        self.lexical.prepare(texts)
    }

    fn index(&self, documents: &[&str]) -> Result<Box<dyn GroupRanker + '_>, RankError> {
        Ok(Box::new(FusedGroup {
            dense: self.dense.index(documents)?,
            lexical: self.lexical.index(documents)?,
            combine: &self.combine,
        }))
    }
}

struct FusedGroup<'a, F> {
    dense: Box<dyn GroupRanker + 'a>,
    lexical: Box<dyn GroupRanker + 'a>,
    combine: &'a F,
}

impl<F: Fn(&[f32], &[f32]) -> Vec<f32> + Sync> GroupRanker for FusedGroup<'_, F> {
    fn scores(&self, query: &str) -> Result<Vec<f32>, RankError> {
        let (dense, lexical) = (self.dense.scores(query)?, self.lexical.scores(query)?);
        Ok((self.combine)(&dense, &lexical))
    }

    fn scores_batch(&self, queries: &[&str]) -> Result<Array2<f32>, RankError> {
        let dense = self.dense.scores_batch(queries)?;
        let lexical = self.lexical.scores_batch(queries)?;
        let mut joined = Array2::zeros(dense.raw_dim());
        let rows = dense.outer_iter().zip(lexical.outer_iter());
        for ((dense, lexical), mut row) in rows.zip(joined.outer_iter_mut()) {
            let scores = (self.combine)(&dense.to_vec(), &lexical.to_vec());
            if scores.len() != row.len() {
                return Err(RankError::Scores {
                    expected: row.len(),
                    found: scores.len(),
                });
            }
            row.assign(&ndarray::ArrayView1::from(&scores));
        }
        Ok(joined)
    }
}

/// The simplest fusion: each list scaled to 0..=1 by its least and greatest score, then their mean.
/// A list of equal scores counts as zeros.
#[must_use]
pub fn min_max_mean(dense: &[f32], lexical: &[f32]) -> Vec<f32> {
    let (dense, lexical) = (min_max(dense), min_max(lexical));
    dense
        .iter()
        .zip(&lexical)
        .map(|(dense, lexical)| 0.5 * dense + 0.5 * lexical)
        .collect()
}

fn min_max(scores: &[f32]) -> Vec<f32> {
    let least = scores.iter().copied().fold(f32::INFINITY, f32::min);
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let range = most - least;
    scores
        .iter()
        .map(|&score| {
            if range > 0.0 {
                (score - least) / range
            } else {
                0.0
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::min_max_mean;

    #[test]
    fn each_list_is_scaled_by_its_own_range() {
        let joined = min_max_mean(&[-1.0, 0.0, 1.0], &[30.0, 10.0, 10.0]);
        assert_eq!(joined, [0.5, 0.25, 0.5]);
        assert_eq!(min_max_mean(&[0.2, 0.2], &[0.0, 4.0]), [0.0, 0.5]);
        assert!(min_max_mean(&[], &[]).is_empty());
    }
}

//! From the tokens of a text to one vector.

use super::matrix::Matrix;
use serde::{Deserialize, Serialize};

/// How the tokens of a text become one vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// The mean of each feature.
    Mean,
    /// The largest value of each feature.
    Max,
    /// The mean, then the largest.
    MeanMax,
}

/// Which token of its text gave each largest value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pooled {
    /// `[N, D]` or `[N, 2 D]`; zeros for a text without tokens.
    pub(crate) values: Matrix,
    /// Row of the tokens, `[N, D]`, flat.
    largest: Vec<u32>,
}

impl Pooling {
    /// Features of a pooled vector for D features of a token.
    pub(crate) fn features(self, features: usize) -> usize {
        match self {
            Self::Mean | Self::Max => features,
            Self::MeanMax => 2 * features,
        }
    }

    /// Where the means and the largest values lie in a pooled vector.
    fn parts(self, features: usize) -> (Option<usize>, Option<usize>) {
        match self {
            Self::Mean => (Some(0), None),
            Self::Max => (None, Some(0)),
            Self::MeanMax => (Some(0), Some(features)),
        }
    }

    /// Pools the rows of `tokens` `[T, D]`, `lengths` of them a text.
    pub(crate) fn forward(self, tokens: &Matrix, lengths: &[usize], kept: &mut Pooled) {
        let features = tokens.columns();
        let (mean, largest) = self.parts(features);
        kept.values.resize(lengths.len(), self.features(features));
        kept.values.values_mut().fill(0.0);
        kept.largest.resize(lengths.len() * features, 0);
        let mut start = 0;
        for (text, &length) in lengths.iter().enumerate() {
            let pooled = kept.values.row_mut(text);
            if let Some(at) = mean {
                add_means(
                    tokens,
                    start..start + length,
                    &mut pooled[at..at + features],
                );
            }
            if let Some(at) = largest {
                let places = &mut kept.largest[text * features..(text + 1) * features];
                find_largest(
                    tokens,
                    start..start + length,
                    &mut pooled[at..at + features],
                    places,
                );
            }
            start += length;
        }
    }

    /// Writes `grad_tokens` `[T, D]` from the gradient by the pooled vectors.
    pub(crate) fn backward(
        self,
        kept: &Pooled,
        grad_pooled: &Matrix,
        lengths: &[usize],
        grad_tokens: &mut Matrix,
    ) {
        let features = kept.largest.len() / lengths.len().max(1);
        let (mean, largest) = self.parts(features);
        grad_tokens.resize(lengths.iter().sum(), features);
        grad_tokens.values_mut().fill(0.0);
        let mut start = 0;
        for (text, &length) in lengths.iter().enumerate() {
            let grad = grad_pooled.row(text);
            if let Some(at) = mean {
                let share = 1.0 / length as f32;
                for token in start..start + length {
                    let pairs = grad_tokens.row_mut(token).iter_mut().zip(&grad[at..]);
                    pairs.for_each(|(token, grad)| *token = share * grad);
                }
            }
            if let Some(at) = largest.filter(|_| length > 0) {
                let places = &kept.largest[text * features..(text + 1) * features];
                for (feature, (&token, grad)) in places.iter().zip(&grad[at..]).enumerate() {
                    grad_tokens.row_mut(token as usize)[feature] += grad;
                }
            }
            start += length;
        }
    }
}

fn add_means(tokens: &Matrix, range: std::ops::Range<usize>, means: &mut [f32]) {
    let share = 1.0 / range.len() as f32;
    for token in range {
        let pairs = means.iter_mut().zip(tokens.row(token));
        pairs.for_each(|(mean, value)| *mean += share * value);
    }
}

fn find_largest(
    tokens: &Matrix,
    mut range: std::ops::Range<usize>,
    largest: &mut [f32],
    places: &mut [u32],
) {
    let Some(first) = range.next() else {
        return;
    };
    largest.copy_from_slice(tokens.row(first));
    places.fill(first as u32);
    for token in range {
        let found = largest.iter_mut().zip(&mut *places);
        for ((largest, place), &value) in found.zip(tokens.row(token)) {
            *place = if value > *largest {
                token as u32
            } else {
                *place
            };
            *largest = if value > *largest { value } else { *largest };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise, weighted_sum};

    const LENGTHS: [usize; 3] = [2, 0, 3];

    fn forward(pooling: Pooling, values: &[f32]) -> Pooled {
        let mut pooled = Pooled::default();
        let tokens = Matrix::from_values(5, 4, values.to_vec());
        pooling.forward(&tokens, &LENGTHS, &mut pooled);
        pooled
    }

    #[test]
    fn gradients_match_differences() {
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::MeanMax] {
            let tokens = noise(1, 5, 4);
            let grad_pooled = noise(2, 3, pooling.features(4));
            let kept = forward(pooling, tokens.values());
            let mut grad = Matrix::default();
            pooling.backward(&kept, &grad_pooled, &LENGTHS, &mut grad);
            assert_gradient(tokens.values(), grad.values(), |values| {
                weighted_sum(&forward(pooling, values).values, &grad_pooled)
            });
        }
    }

    #[test]
    fn a_text_without_tokens_pools_to_zeros() {
        let kept = forward(Pooling::MeanMax, noise(1, 5, 4).values());
        assert_eq!(kept.values.row(1), [0.0; 8]);
    }
}

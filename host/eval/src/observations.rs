//! What was seen of a system on a set: one value a query or pair, from which every metric follows.

use crate::metrics::{
    Metric, WeightedSpearman, average_precision_of_ordered, best_accuracy_of_ordered, order,
};
use crate::random::Random;

/// A metric and its value times 100; `None` where the metric is not defined.
pub type Value = (Metric, Option<f64>);

/// Everything seen of one system on one set.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Observations {
    /// Retrieval and intents: `values[m][q]`, a fraction, for metric m and query q.
    Queries {
        /// The metrics, `[M]`.
        metrics: Vec<Metric>,
        /// Their values, `[M, Q]`.
        values: Vec<Vec<f64>>,
    },
    /// Graded pairs, by part.
    Graded(Vec<GradedScores>),
    /// Labelled pairs.
    Labelled {
        /// The system's scores, `[N]`.
        scores: Vec<f32>,
        /// Whether the two mean the same, `[N]`.
        same: Vec<bool>,
    },
}

/// The pairs of one part of a graded set.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedScores {
    /// The part's name.
    pub name: String,
    /// The system's scores, `[N]`.
    pub scores: Vec<f32>,
    /// What people said, `[N]`.
    pub gold: Vec<f64>,
}

impl Observations {
    /// The number of queries or pairs.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Queries { values, .. } => values.first().map_or(0, Vec::len),
            Self::Graded(parts) => parts.iter().map(|part| part.scores.len()).sum(),
            Self::Labelled { scores, .. } => scores.len(),
        }
    }

    /// Every metric, times 100.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        Prepared::new(self).values(|items| vec![1; items])
    }

    /// The Spearman correlation of each part of a graded set, times 100; empty for other kinds.
    #[must_use]
    pub fn parts(&self) -> Vec<(&str, Option<f64>)> {
        let Self::Graded(parts) = self else {
            return Vec::new();
        };
        parts
            .iter()
            .map(|part| {
                let value = part.sorted().with_counts(&vec![1; part.scores.len()]);
                (part.name.as_str(), value.map(|value| 100.0 * value))
            })
            .collect()
    }
}

impl GradedScores {
    fn sorted(&self) -> WeightedSpearman {
        let scores: Vec<f64> = self.scores.iter().copied().map(f64::from).collect();
        WeightedSpearman::new(&scores, &self.gold)
    }
}

/// Observations, sorted once so that many resamples are cheap.
pub(crate) enum Prepared<'a> {
    Queries {
        metrics: &'a [Metric],
        values: &'a [Vec<f64>],
    },
    Graded(Vec<(usize, WeightedSpearman)>),
    /// Index, score and label, by descending score.
    Labelled(Vec<(usize, f32, bool)>),
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(observations: &'a Observations) -> Self {
        match observations {
            Observations::Queries { metrics, values } => Self::Queries { metrics, values },
            Observations::Graded(parts) => Self::Graded(
                parts
                    .iter()
                    .map(|part| (part.scores.len(), part.sorted()))
                    .collect(),
            ),
            Observations::Labelled { scores, same } => Self::Labelled(
                order::descending(scores)
                    .into_iter()
                    .map(|index| (index, scores[index], same[index]))
                    .collect(),
            ),
        }
    }

    /// Every metric of one resample. It depends on the stream and the number of items alone,
    /// so two systems on one set are resampled alike.
    pub(crate) fn resampled(&self, random: &mut Random) -> Vec<Value> {
        self.values(|items| random.resample(items))
    }

    fn values(&self, mut counts: impl FnMut(usize) -> Vec<u32>) -> Vec<Value> {
        let mut values = match self {
            Self::Queries { metrics, values } => {
                let counts = counts(values.first().map_or(0, Vec::len));
                let means = values.iter().map(|values| weighted_mean(values, &counts));
                metrics.iter().copied().zip(means).collect()
            }
            Self::Graded(parts) => {
                let correlations: Option<Vec<f64>> = parts
                    .iter()
                    .map(|(items, pairs)| pairs.with_counts(&counts(*items)))
                    .collect();
                let mean = correlations
                    .filter(|values| !values.is_empty())
                    .map(|values| values.iter().sum::<f64>() / values.len() as f64);
                vec![(Metric::Spearman, mean)]
            }
            Self::Labelled(pairs) => labelled_values(pairs, &counts(pairs.len())),
        };
        for (_, value) in &mut values {
            *value = value.map(|value| 100.0 * value);
        }
        values
    }
}

fn weighted_mean(values: &[f64], counts: &[u32]) -> Option<f64> {
    let total: f64 = counts.iter().copied().map(f64::from).sum();
    let sum: f64 = values
        .iter()
        .zip(counts)
        .map(|(value, &count)| value * f64::from(count))
        .sum();
    (total > 0.0).then(|| sum / total)
}

fn labelled_values(pairs: &[(usize, f32, bool)], counts: &[u32]) -> Vec<Value> {
    let repeated: Vec<(f32, bool)> = pairs
        .iter()
        .flat_map(|&(index, score, label)| {
            core::iter::repeat_n((score, label), counts[index] as usize)
        })
        .collect();
    let labels = repeated.iter().map(|&(_, label)| label);
    vec![
        (
            Metric::AveragePrecision,
            average_precision_of_ordered(labels),
        ),
        (Metric::BestAccuracy, best_accuracy_of_ordered(&repeated)),
    ]
}

#[cfg(test)]
mod tests {
    use super::{GradedScores, Metric, Observations};

    #[test]
    fn parts_count_alike_in_the_mean() {
        let part = |name: &str, scores: &[f32], gold: &[f64]| GradedScores {
            name: name.to_owned(),
            scores: scores.to_vec(),
            gold: gold.to_vec(),
        };
        let seen = Observations::Graded(vec![
            part("up", &[0.1, 0.2, 0.3, 0.4], &[1.0, 2.0, 3.0, 4.0]),
            part("down", &[0.1, 0.2], &[2.0, 1.0]),
        ]);
        assert_eq!(seen.values(), [(Metric::Spearman, Some(0.0))]);
        assert_eq!(seen.parts(), [("up", Some(100.0)), ("down", Some(-100.0))]);
        assert_eq!(seen.count(), 6);
    }

    #[test]
    fn a_constant_system_has_no_correlation() {
        let seen = Observations::Graded(vec![GradedScores {
            name: String::new(),
            scores: vec![0.5; 3],
            gold: vec![1.0, 2.0, 3.0],
        }]);
        assert_eq!(seen.values(), [(Metric::Spearman, None)]);
    }
}

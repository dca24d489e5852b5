//! Bootstrap: how far a metric, or the difference of two systems, may lie from what was measured.
//!
//! Queries (or pairs, within each part of a graded set) are drawn with replacement; the interval holds the middle
//! 95 % of the metric's values. All systems see the same draws on a set, so differences are paired.

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{Metric, quantile};
use crate::observations::{Observations, Prepared};
use crate::random::Random;
use crate::report::{Difference, Report, SystemResult};

/// How to resample. The same values give the same intervals, on any number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bootstrap {
    /// Number of resamples, 1,000 by default.
    pub resamples: usize,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self {
            resamples: 1_000,
            seed: 20_260_101,
        }
    }
}

/// The middle 95 %, in the units of the metric (times 100).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The 2.5 % quantile.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
}

/// Why two systems cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareError {
    /// The report has no system of that name.
    UnknownSystem {
        /// The name.
        name: String,
        /// The names that it has.
        known: Vec<String>,
    },
}

impl core::fmt::Display for CompareError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnknownSystem { name, known } => write!(
                f,
                "no system {name:?} was evaluated; choose among {}",
                known.join(", ")
            ),
        }
    }
}

impl core::error::Error for CompareError {}

impl Bootstrap {
    /// Fills the interval of every metric of the report.
    /// It stays empty where the metric is not defined on some resample.
    pub fn intervals(&self, report: &mut Report) {
        for system in &mut report.systems {
            for set in &mut system.sets {
                let resamples = self.values(&set.observations, &set.name);
                for (index, value) in set.values.iter_mut().enumerate() {
                    let column = resamples.iter().map(|values| values[index].1);
                    value.interval = middle(column);
                }
            }
        }
    }

    /// Adds to the report, for each of `others`, each set that it and `base` have and each metric, its value
    /// minus that of `base`.
    ///
    /// # Errors
    /// [`CompareError::UnknownSystem`]; the report is then as it was.
    pub fn compare(
        &self,
        report: &mut Report,
        base: &str,
        others: &[&str],
    ) -> Result<(), CompareError> {
        let base = system(report, base)?;
        let of_base = base.sets.iter();
        let of_base = of_base.map(|set| (set, self.values(&set.observations, &set.name)));
        let of_base: Vec<_> = of_base.collect();
        let mut differences = Vec::new();
        for other in others {
            let other = system(report, other)?;
            for (left, left_values) in &of_base {
                let Some(right) = other.sets.iter().find(|set| set.name == left.name) else {
                    continue;
                };
                let right_values = self.values(&right.observations, &right.name);
                for (index, value) in left.values.iter().enumerate() {
                    let pairs = left_values.iter().zip(&right_values);
                    let column = pairs.map(|(left, right)| minus(right[index].1, left[index].1));
                    differences.push(Difference {
                        set: left.name.clone(),
                        metric: value.metric,
                        headline: value.headline,
                        base: base.name.clone(),
                        other: other.name.clone(),
                        value: minus(right.values[index].value, value.value),
                        interval: middle(column),
                    });
                }
            }
        }
        report.differences.extend(differences);
        Ok(())
    }

    /// The metrics of every resample, `[R, M]`.
    fn values(&self, observations: &Observations, set: &str) -> Vec<Vec<(Metric, Option<f64>)>> {
        let prepared = Prepared::new(observations);
        (0..self.resamples)
            .into_par_iter()
            .map(|number| prepared.resampled(&mut Random::stream(self.seed, set, number as u64)))
            .collect()
    }
}

fn system<'a>(report: &'a Report, name: &str) -> Result<&'a SystemResult, CompareError> {
    report
        .systems
        .iter()
        .find(|system| system.name == name)
        .ok_or_else(|| CompareError::UnknownSystem {
            name: name.to_owned(),
            known: report
                .systems
                .iter()
                .map(|system| system.name.clone())
                .collect(),
        })
}

fn minus(left: Option<f64>, right: Option<f64>) -> Option<f64> {
    Some(left? - right?)
}

fn middle(column: impl Iterator<Item = Option<f64>>) -> Option<Interval> {
    let mut values: Vec<f64> = column.collect::<Option<_>>()?;
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| Interval {
        low: quantile(&values, 0.025),
        high: quantile(&values, 0.975),
    })
}

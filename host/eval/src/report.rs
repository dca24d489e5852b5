//! What an evaluation found, as values, as a table and as JSON. All values are times 100.

mod table;

use serde::Serialize;

use crate::bootstrap::Interval;
use crate::datasets::{Kind, SetInfo};
use crate::metrics::Metric;
use crate::observations::Observations;

pub use table::TableOptions;

/// Systems, sets, metrics.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Report {
    /// One entry a system, in the order given.
    pub systems: Vec<SystemResult>,
    /// Paired differences that were asked for.
    pub differences: Vec<Difference>,
}

/// What one system reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemResult {
    /// Its name.
    pub name: String,
    /// One entry a set that it could be asked about, in the order given.
    pub sets: Vec<SetResult>,
}

/// What one system reached on one set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetResult {
    /// The set's name.
    pub name: String,
    /// What it asks.
    pub kind: Kind,
    /// Whether choices may be tuned on it.
    pub dev: bool,
    /// Queries or pairs.
    pub count: usize,
    /// Every metric of the kind.
    pub values: Vec<MetricValue>,
    /// Spearman by part, where a graded set has more than one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartValue>,
    /// One value a query or pair.
    #[serde(skip)]
    pub observations: Observations,
}

/// One number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MetricValue {
    /// Which.
    pub metric: Metric,
    /// Whether it stands for the set in a short table.
    pub headline: bool,
    /// Times 100; none where the metric is not defined, as a correlation with a constant.
    pub value: Option<f64>,
    /// 95 %, once [`Bootstrap::intervals`](crate::Bootstrap::intervals) has filled it.
    pub interval: Option<Interval>,
}

/// Spearman on one part of a graded set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartValue {
    /// The part's name.
    pub name: String,
    /// Times 100.
    pub value: Option<f64>,
}

/// How much better one system is than another, on the same queries or pairs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The set.
    pub set: String,
    /// The metric.
    pub metric: Metric,
    /// Whether the metric stands for the set in a short table.
    pub headline: bool,
    /// The system that is subtracted.
    pub base: String,
    /// The system that it is subtracted from.
    pub other: String,
    /// `other` minus `base`, times 100.
    pub value: Option<f64>,
    /// 95 %.
    pub interval: Option<Interval>,
}

impl SetResult {
    /// Computes every metric of what was seen.
    #[must_use]
    pub fn new(info: SetInfo, observations: Observations) -> Self {
        let values = observations
            .values()
            .into_iter()
            .map(|(metric, value)| MetricValue {
                metric,
                headline: info.headline.contains(&metric),
                value,
                interval: None,
            })
            .collect();
        let parts: Vec<PartValue> = observations
            .parts()
            .into_iter()
            .map(|(name, value)| PartValue {
                name: name.to_owned(),
                value,
            })
            .collect();
        Self {
            name: info.name.to_owned(),
            kind: info.kind,
            dev: info.dev,
            count: observations.count(),
            values,
            parts: if parts.len() > 1 { parts } else { Vec::new() },
            observations,
        }
    }

    /// The number of that metric, if the kind has it.
    #[must_use]
    pub fn metric(&self, metric: Metric) -> Option<&MetricValue> {
        self.values.iter().find(|value| value.metric == metric)
    }
}

impl Report {
    /// The value of one metric times 100; `None` if system, set or metric is absent or the metric not defined.
    #[must_use]
    pub fn value(&self, system: &str, set: &str, metric: Metric) -> Option<f64> {
        let system = self.systems.iter().find(|other| other.name == system)?;
        let set = system.sets.iter().find(|other| other.name == set)?;
        set.metric(metric)?.value
    }

    /// Everything but the values of single queries, indented; numbers in full precision.
    ///
    /// # Errors
    /// Whatever the serializer says; none is known.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

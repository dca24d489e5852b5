//! The metrics, one a file, as pure functions over scores and labels.
//!
//! All return fractions (0..=1, Spearman -1..=1); a [`Report`](crate::Report) holds them times 100.
//! `None` means that the input has no value of this metric (no positives, all scores equal, nothing there).

mod average_precision;
mod best_accuracy;
mod ndcg;
mod nearest_neighbours;
pub(crate) mod order;
mod quantile;
mod recall;
mod reciprocal_rank;
mod spearman;

use serde::Serialize;

pub(crate) use average_precision::average_precision_of_ordered;
pub use average_precision::{average_precision, average_precision_of_positions};
pub use best_accuracy::best_accuracy;
pub(crate) use best_accuracy::best_accuracy_of_ordered;
pub use ndcg::ndcg;
pub use nearest_neighbours::nearest_label;
pub use order::positions;
pub use quantile::quantile;
pub use recall::recall;
pub use reciprocal_rank::reciprocal_rank;
pub use spearman::{WeightedSpearman, spearman};

/// Which number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Metric {
    /// Retrieval: share of queries with a relevant document first.
    #[serde(rename = "r1")]
    RecallAt1,
    /// Retrieval: relevant documents among the best 5, of those that could be there.
    #[serde(rename = "r5")]
    RecallAt5,
    /// Retrieval: relevant documents among the best 10, of those that could be there.
    #[serde(rename = "r10")]
    RecallAt10,
    /// Retrieval: mean reciprocal rank of the first relevant document.
    #[serde(rename = "mrr")]
    ReciprocalRank,
    /// Retrieval: normalised discounted cumulative gain at 10, gains 0 or 1.
    #[serde(rename = "ndcg10")]
    Ndcg10,
    /// Retrieval: mean over the queries of average precision.
    #[serde(rename = "map")]
    MeanAveragePrecision,
    /// Graded pairs: Spearman correlation, mean over the parts of the set.
    #[serde(rename = "spearman_mean")]
    Spearman,
    /// Labelled pairs: average precision.
    #[serde(rename = "ap")]
    AveragePrecision,
    /// Labelled pairs: accuracy at the best of 401 thresholds.
    #[serde(rename = "best_acc")]
    BestAccuracy,
    /// Intents: accuracy of a vote of 5 neighbours.
    #[serde(rename = "knn5_acc")]
    NeighbourAccuracy,
}

impl Metric {
    /// The retrieval metrics, in the order in which they are kept.
    pub const RETRIEVAL: [Self; 6] = [
        Self::RecallAt1,
        Self::RecallAt5,
        Self::RecallAt10,
        Self::ReciprocalRank,
        Self::Ndcg10,
        Self::MeanAveragePrecision,
    ];

    /// A short name for tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::RecallAt1 => "R@1",
            Self::RecallAt5 => "R@5",
            Self::RecallAt10 => "R@10",
            Self::ReciprocalRank => "MRR",
            Self::Ndcg10 => "nDCG@10",
            Self::MeanAveragePrecision => "MAP",
            Self::Spearman => "Spearman",
            Self::AveragePrecision => "AP",
            Self::BestAccuracy => "accuracy",
            Self::NeighbourAccuracy => "5-NN",
        }
    }
}

//! The table of all sets.

use serde::Serialize;

use crate::metrics::Metric;

/// What a set asks of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Rank the documents of a group for a query.
    Retrieval,
    /// Order pairs by graded similarity (STS).
    Graded,
    /// Tell pairs of one meaning from others.
    Labelled,
    /// Find the class of a text from its nearest neighbours.
    Intents,
}

/// One row of the table of sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetInfo {
    /// Name, also of the file without `.jsonl`.
    pub name: &'static str,
    /// What it asks.
    pub kind: Kind,
    /// The metrics that stand for the set in a short table; all others of its kind are computed too.
    pub headline: &'static [Metric],
    /// Whether choices may be tuned on it. All other sets are only reported.
    pub dev: bool,
}

const FIRST_HITS: &[Metric] = &[Metric::RecallAt1, Metric::RecallAt5, Metric::ReciprocalRank];
const DEEP_HITS: &[Metric] = &[Metric::RecallAt5, Metric::RecallAt10, Metric::Ndcg10];
const BEST_HIT: &[Metric] = &[Metric::RecallAt1, Metric::ReciprocalRank];
const ANSWER_HITS: &[Metric] = &[Metric::MeanAveragePrecision, Metric::ReciprocalRank];
const GRADED: &[Metric] = &[Metric::Spearman];
const PARAPHRASE: &[Metric] = &[Metric::AveragePrecision, Metric::BestAccuracy];
const SIMILAR: &[Metric] = &[Metric::AveragePrecision];
const NEIGHBOURS: &[Metric] = &[Metric::NeighbourAccuracy];

/// All sets, in the order in which they are reported.
pub const CATALOGUE: [SetInfo; 16] = [
    set("memory_handmade", Kind::Retrieval, FIRST_HITS).tuned(),
    set("realtalk", Kind::Retrieval, DEEP_HITS).tuned(),
    set("prefeval_topic", Kind::Retrieval, FIRST_HITS),
    set("beam_128k_user", Kind::Retrieval, DEEP_HITS).tuned(),
    set("nq_oracle", Kind::Retrieval, BEST_HIT),
    set("xquad_sent", Kind::Retrieval, BEST_HIT),
    set("trecqa", Kind::Retrieval, ANSWER_HITS),
    set("stsb_dev", Kind::Graded, GRADED).tuned(),
    set("stsb_test", Kind::Graded, GRADED),
    set("sts12_16", Kind::Graded, GRADED),
    set("sick_test", Kind::Graded, GRADED),
    set("qqp_10k", Kind::Labelled, PARAPHRASE),
    set("mrpc_test", Kind::Labelled, PARAPHRASE),
    set("covid_qsim", Kind::Labelled, SIMILAR),
    set("banking77", Kind::Intents, NEIGHBOURS),
    set("clinc150_small", Kind::Intents, NEIGHBOURS),
];

const fn set(name: &'static str, kind: Kind, headline: &'static [Metric]) -> SetInfo {
    SetInfo {
        name,
        kind,
        headline,
        dev: false,
    }
}

impl SetInfo {
    const fn tuned(self) -> Self {
        Self { dev: true, ..self }
    }
}

/// The sets that choices may be tuned on.
pub fn dev() -> impl Iterator<Item = SetInfo> {
    CATALOGUE.into_iter().filter(|info| info.dev)
}

/// The set of that name, if the table has it.
#[must_use]
pub fn find(name: &str) -> Option<SetInfo> {
    CATALOGUE.into_iter().find(|info| info.name == name)
}

#[cfg(test)]
mod tests {
    use super::{dev, find};

    #[test]
    fn four_sets_are_for_tuning() {
        let mut names: Vec<_> = dev().map(|info| info.name).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["beam_128k_user", "memory_handmade", "realtalk", "stsb_dev"]
        );
    }

    #[test]
    fn sets_are_found_by_name() {
        assert_eq!(find("trecqa").map(|info| info.dev), Some(false));
        assert_eq!(find("trec"), None);
    }
}

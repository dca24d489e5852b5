//! Retrieval: every query against the documents of its group.

use rayon::prelude::*;

use super::{borrowed, each_query};
use crate::datasets::{Group, Retrieval};
use crate::metrics::{
    Metric, average_precision_of_positions, ndcg, positions, recall, reciprocal_rank,
};
use crate::observations::Observations;
use crate::rank::{RankError, Ranker};

type PerQuery = [f64; Metric::RETRIEVAL.len()];

pub(super) fn observe(ranker: &dyn Ranker, set: &Retrieval) -> Result<Observations, RankError> {
    let groups: Vec<Vec<PerQuery>> = set
        .groups
        .par_iter()
        .filter(|group| !group.queries.is_empty())
        .map(|group| rank_group(ranker, group))
        .collect::<Result<_, _>>()?;
    let values = (0..Metric::RETRIEVAL.len())
        .map(|metric| groups.iter().flatten().map(|query| query[metric]).collect())
        .collect();
    Ok(Observations::Queries {
        metrics: Metric::RETRIEVAL.to_vec(),
        values,
    })
}

fn rank_group(ranker: &dyn Ranker, group: &Group) -> Result<Vec<PerQuery>, RankError> {
    let documents = ranker.index(&borrowed(&group.documents))?;
    let queries: Vec<&str> = group
        .queries
        .iter()
        .map(|query| query.text.as_str())
        .collect();
    let values = each_query(&*documents, &queries, |index, scores| {
        if scores.len() != group.documents.len() {
            return Err(RankError::Scores {
                expected: group.documents.len(),
                found: scores.len(),
            });
        }
        Ok(per_query(&positions(
            scores,
            &group.queries[index].relevant,
        )))
    })?;
    values
        .into_iter()
        .zip(queries)
        .map(|(values, query)| {
            values?.ok_or_else(|| {
                RankError::other(format!("query {query:?} has no relevant document"))
            })
        })
        .collect()
}

/// In the order of [`Metric::RETRIEVAL`]; `None` if nothing is relevant.
fn per_query(places: &[usize]) -> Option<PerQuery> {
    Some([
        recall(places, 1)?,
        recall(places, 5)?,
        recall(places, 10)?,
        reciprocal_rank(places)?,
        ndcg(places, 10)?,
        average_precision_of_positions(places)?,
    ])
}

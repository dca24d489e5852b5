//! Asks systems about sets and keeps what they answer.

mod retrieval;

use rayon::prelude::*;

use crate::datasets::{Content, Dataset, GradedPairs, Intents, LabelledPairs};
use crate::metrics::{Metric, nearest_label};
use crate::observations::{GradedScores, Observations};
use crate::rank::{GroupRanker, RankError, Ranker};
use crate::report::{Report, SetResult, SystemResult};

/// Queries that are scored together: enough for a fast matrix product, few enough for small memory.
const BATCH: usize = 256;
/// Voters in [`Metric::NeighbourAccuracy`].
const NEIGHBOURS: usize = 5;

/// A ranker under a name that is unique in the report.
pub struct System<'a> {
    /// The name, as tables show it.
    pub name: String,
    /// What is asked.
    pub ranker: &'a dyn Ranker,
}

impl<'a> System<'a> {
    /// Names a ranker.
    pub fn new(name: impl Into<String>, ranker: &'a dyn Ranker) -> Self {
        Self {
            name: name.into(),
            ranker,
        }
    }
}

/// What is about to be done, and how much has been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The system that is being asked.
    pub system: &'a str,
    /// The set that it is asked about.
    pub set: &'a str,
    /// Finished pairs of system and set.
    pub done: usize,
    /// All pairs of system and set.
    pub total: usize,
}

impl core::fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{}/{} {} on {}",
            self.done, self.total, self.system, self.set
        )
    }
}

/// Why an evaluation stopped.
#[derive(Debug)]
pub struct EvaluateError {
    /// The system.
    pub system: String,
    /// The set.
    pub set: String,
    /// What went wrong.
    pub source: RankError,
}

impl core::fmt::Display for EvaluateError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} on {}: {}", self.system, self.set, self.source)
    }
}

impl core::error::Error for EvaluateError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Every metric of every system on every set, without intervals (see [`Bootstrap`](crate::Bootstrap)).
///
/// `progress` is called before each pair of system and set. A system without pair scores is left out of sets of pairs.
///
/// # Errors
/// [`EvaluateError`] names system and set of the first failure.
pub fn evaluate(
    systems: &[System<'_>],
    sets: &[Dataset],
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, EvaluateError> {
    let total = systems.len() * sets.len();
    let mut report = Report::default();
    for (number, system) in systems.iter().enumerate() {
        let mut results = Vec::with_capacity(sets.len());
        for (index, set) in sets.iter().enumerate() {
            progress(Progress {
                system: &system.name,
                set: set.info.name,
                done: number * sets.len() + index,
                total,
            });
            let observations = observe(system.ranker, set).map_err(|source| EvaluateError {
                system: system.name.clone(),
                set: set.info.name.to_owned(),
                source,
            })?;
            results.extend(observations.map(|seen| SetResult::new(set.info, seen)));
        }
        report.systems.push(SystemResult {
            name: system.name.clone(),
            sets: results,
        });
    }
    Ok(report)
}

/// What one ranker answers on one set; `None` if it has no notion of pairs and the set is one of pairs.
///
/// # Errors
/// [`RankError`] from the ranker, or about its answers.
pub fn observe(ranker: &dyn Ranker, set: &Dataset) -> Result<Option<Observations>, RankError> {
    ranker.prepare(&set.texts())?;
    match &set.content {
        Content::Retrieval(content) => retrieval::observe(ranker, content).map(Some),
        Content::Graded(content) => graded(ranker, content),
        Content::Labelled(content) => labelled(ranker, content),
        Content::Intents(content) => intents(ranker, content).map(Some),
    }
}

fn graded(ranker: &dyn Ranker, pairs: &GradedPairs) -> Result<Option<Observations>, RankError> {
    let mut parts = Vec::with_capacity(pairs.parts.len());
    for part in &pairs.parts {
        let Some(scores) = pair_scores(ranker, &part.first, &part.second)? else {
            return Ok(None);
        };
        parts.push(GradedScores {
            name: part.name.clone(),
            scores,
            gold: part.gold.clone(),
        });
    }
    Ok(Some(Observations::Graded(parts)))
}

fn labelled(ranker: &dyn Ranker, pairs: &LabelledPairs) -> Result<Option<Observations>, RankError> {
    let scores = pair_scores(ranker, &pairs.first, &pairs.second)?;
    Ok(scores.map(|scores| Observations::Labelled {
        scores,
        same: pairs.same.clone(),
    }))
}

fn intents(ranker: &dyn Ranker, intents: &Intents) -> Result<Observations, RankError> {
    let train = ranker.index(&borrowed(&intents.train))?;
    let hits = each_query(&*train, &borrowed(&intents.test), |index, scores| {
        let answer = nearest_label(scores, &intents.train_labels, NEIGHBOURS);
        f64::from(u8::from(answer == Some(intents.test_labels[index])))
    })?;
    Ok(Observations::Queries {
        metrics: vec![Metric::NeighbourAccuracy],
        values: vec![hits],
    })
}

fn pair_scores(
    ranker: &dyn Ranker,
    first: &[String],
    second: &[String],
) -> Result<Option<Vec<f32>>, RankError> {
    let scores = ranker.pair_scores(&borrowed(first), &borrowed(second))?;
    if let Some(scores) = &scores {
        if scores.len() != first.len() {
            return Err(RankError::Scores {
                expected: first.len(),
                found: scores.len(),
            });
        }
        if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
            return Err(RankError::NotFinite {
                text: first[index].clone(),
            });
        }
    }
    Ok(scores)
}

/// `answer(index of the query, scores of all documents)` for each query, batches in parallel.
fn each_query<Answer: Send>(
    group: &dyn GroupRanker,
    queries: &[&str],
    answer: impl Fn(usize, &[f32]) -> Answer + Sync,
) -> Result<Vec<Answer>, RankError> {
    let batches: Vec<Vec<Answer>> = queries
        .par_chunks(BATCH)
        .enumerate()
        .map(|(batch, texts)| {
            let scores = group.scores_batch(texts)?;
            if scores.nrows() != texts.len() {
                return Err(RankError::Rows {
                    expected: texts.len(),
                    found: scores.nrows(),
                });
            }
            let rows = scores.outer_iter().zip(texts).enumerate();
            rows.map(|(row, (scores, text))| {
                if scores.iter().any(|score| !score.is_finite()) {
                    return Err(RankError::NotFinite {
                        text: (*text).to_owned(),
                    });
                }
                Ok(answer(batch * BATCH + row, &scores.to_vec()))
            })
            .collect()
        })
        .collect::<Result<_, _>>()?;
    Ok(batches.into_iter().flatten().collect())
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

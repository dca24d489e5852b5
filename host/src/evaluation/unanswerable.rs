//! Whether a score tells a question that has an answer from one that has none.
//!
//! Two kinds of questions have none: those of *other* groups, asked of this group's memories; and the
//! group's own, asked when the memories that answer them have been *removed*.

use super::memories::Memories;
use memt_eval::datasets::{Content, Dataset, Group};
use memt_eval::rank::RankError;
use serde::Serialize;

/// Questions of other groups a group is asked for each of its own.
const OTHERS: usize = 2;

/// Steps of the threshold from 0 to 1.
const STEPS: usize = 100;

/// The false answers that the default threshold may give.
pub const FALSE_ANSWERS: f64 = 0.05;

/// What happens at one threshold, shares of 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Answers below this score are left out.
    pub threshold: f64,
    /// Of the questions of other groups, those that get an answer.
    pub answered_others: f64,
    /// Of the questions whose answers were removed, those that get an answer.
    pub answered_removed: f64,
    /// Of the questions whose first answer is right, those that keep it.
    pub kept: f64,
}

/// The curve of one model on one set, or on the mean of sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The model.
    pub model: String,
    /// The set, or `mean`.
    pub set: String,
    /// Questions of other groups.
    pub others: usize,
    /// Questions whose first answer is right.
    pub right: usize,
    /// From threshold 0 to 1.
    pub points: Vec<Point>,
}

impl Curve {
    /// The point of a threshold.
    pub fn at(&self, threshold: f64) -> Point {
        let step = (threshold * STEPS as f64).round() as usize;
        self.points[step.min(STEPS)]
    }

    /// The least threshold that answers at most [`FALSE_ANSWERS`] of the others' questions.
    pub fn strict(&self) -> Point {
        let strict = |point: &&Point| point.answered_others <= FALSE_ANSWERS;
        let last = self.points[STEPS];
        self.points.iter().find(strict).copied().unwrap_or(last)
    }
}

/// The curve of each set, then their mean.
pub(super) fn curves(
    model: &str,
    memories: &Memories<'_>,
    sets: &[Dataset],
) -> Result<Vec<Curve>, RankError> {
    let mut curves = Vec::new();
    let retrieval: Vec<(&str, &[Group])> = sets
        .iter()
        .filter_map(|set| match &set.content {
            Content::Retrieval(content) => Some((set.info.name, content.groups.as_slice())),
            _ => None,
        })
        .collect();
    for &(name, groups) in &retrieval {
        let strangers: Vec<&str> = retrieval
            .iter()
            .filter(|other| other.0 != name)
            .flat_map(|other| questions(other.1))
            .collect();
        let mut seen = Seen::default();
        for (index, group) in groups.iter().enumerate() {
            seen.ask(memories, group, &others(groups, index, &strangers))?;
        }
        curves.push(seen.curve(model, name));
    }
    if curves.len() > 1 {
        curves.push(mean(model, &curves));
    }
    Ok(curves)
}

fn questions(groups: &[Group]) -> impl Iterator<Item = &str> {
    let queries = groups.iter().flat_map(|group| &group.queries);
    queries.map(|query| query.text.as_str())
}

/// Questions that this group cannot answer, evenly taken: of the set's other groups, or of other sets
/// where the set has one group.
fn others<'g>(groups: &'g [Group], index: usize, strangers: &[&'g str]) -> Vec<&'g str> {
    let wanted = OTHERS * groups[index].queries.len();
    let pool: Vec<&str> = match groups.len() {
        1 => strangers.to_vec(),
        _ => questions(&groups[..index])
            .chain(questions(&groups[index + 1..]))
            .collect(),
    };
    let taken = wanted.min(pool.len());
    (0..taken).map(|i| pool[i * pool.len() / taken]).collect()
}

/// Best scores of questions.
#[derive(Default)]
struct Seen {
    others: Vec<f32>,
    removed: Vec<f32>,
    right: Vec<f32>,
}

impl Seen {
    fn ask(
        &mut self,
        memories: &Memories<'_>,
        group: &Group,
        others: &[&str],
    ) -> Result<(), RankError> {
        let documents: Vec<&str> = group.documents.iter().map(String::as_str).collect();
        let bank = memories.bank(&documents)?;
        for question in others {
            let first = bank.ask(question, 1)?;
            self.others
                .extend(first.iter().map(|hit| hit.1.score.total));
        }
        for query in &group.queries {
            let hits = bank.ask(&query.text, query.relevant.len() + 1)?;
            let right = |place: &usize| query.relevant.contains(place);
            self.right.extend(
                hits.first()
                    .filter(|hit| right(&hit.0))
                    .map(|hit| hit.1.score.total),
            );
            let wrong = hits.iter().find(|hit| !right(&hit.0));
            self.removed.extend(wrong.map(|hit| hit.1.score.total));
        }
        Ok(())
    }

    fn curve(self, model: &str, set: &str) -> Curve {
        let points = (0..=STEPS).map(|step| {
            let threshold = step as f64 / STEPS as f64;
            Point {
                threshold,
                answered_others: share(&self.others, threshold),
                answered_removed: share(&self.removed, threshold),
                kept: share(&self.right, threshold),
            }
        });
        Curve {
            model: model.to_owned(),
            set: set.to_owned(),
            points: points.collect(),
            others: self.others.len(),
            right: self.right.len(),
        }
    }
}

fn share(scores: &[f32], threshold: f64) -> f64 {
    let above = scores
        .iter()
        .filter(|&&score| f64::from(score) >= threshold);
    above.count() as f64 / scores.len().max(1) as f64
}

/// The mean of curves, each of the same weight.
fn mean(model: &str, curves: &[Curve]) -> Curve {
    let points = (0..=STEPS).map(|step| {
        let of = |value: fn(&Point) -> f64| {
            let values = curves.iter().map(|curve| value(&curve.points[step]));
            values.sum::<f64>() / curves.len() as f64
        };
        Point {
            threshold: step as f64 / STEPS as f64,
            answered_others: of(|point| point.answered_others),
            answered_removed: of(|point| point.answered_removed),
            kept: of(|point| point.kept),
        }
    });
    Curve {
        model: model.to_owned(),
        set: "mean".to_owned(),
        points: points.collect(),
        others: curves.iter().map(|curve| curve.others).sum(),
        right: curves.iter().map(|curve| curve.right).sum(),
    }
}

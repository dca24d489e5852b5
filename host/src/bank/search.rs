//! Answering questions on all cores.

mod best;
mod scan;
mod survey;

pub(super) use scan::best;
pub(super) use survey::Surveyed;

use super::Bank;
use super::age;
use super::block::Block;
use super::partition::Partition;
use super::terms::question_terms;
use memt_core::bank::QueryError;
use memt_core::embedding::Embedding;
use memt_core::feedback::Lift;
use memt_core::overlap::{QueryTerm, matched_words};
use memt_core::query::{Hit, QueryOptions, rank};
use memt_core::score::{Mode, Question};
use memt_core::slot::{Key, Owner, SlotView};
use memt_core::text::Words;
use rayon::prelude::*;
use survey::survey;

impl Bank {
    /// The best `top_k` memories for a question, best first.
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
    ) -> Result<Vec<Hit>, QueryError> {
        let partitions = self.partitions_of(options.owner);
        let lifts = self.lifts(options.owner.as_ref().map(core::slice::from_ref), embedding);
        self.best_of(partitions, text, embedding, options, top_k, &lifts, None)
    }

    /// The best `top_k` memories for a question among those of `owners` (of all without) that `accepts`
    /// takes, best first. Those that it does not take still count in how rare a word is. `options.owner`
    /// is not looked at.
    pub fn query_where(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
        owners: Option<&[Owner]>,
        accepts: Accepts<'_>,
    ) -> Result<Vec<Hit>, QueryError> {
        let partitions = match owners {
            None => self.partitions_of(None),
            Some(owners) => owners
                .iter()
                .filter_map(|&owner| self.partition(owner))
                .collect(),
        };
        let lifts = self.lifts(owners, embedding);
        self.best_of(
            partitions,
            text,
            embedding,
            options,
            top_k,
            &lifts,
            Some(accepts),
        )
    }

    /// The words of a question that a memory contains, as the question writes them; `None` if there
    /// is no such memory.
    pub fn explain<'t>(&'t self, question: &'t str, key: Key) -> Option<Vec<&'t str>> {
        let memory = self.get(key)?;
        let words = matched_words(question, memory.terms);
        Some(words.map(|word| word.as_written()).collect())
    }
}

/// Whether a memory is among those that are asked for.
pub type Accepts<'a> = &'a (dyn Fn(SlotView<'_>) -> bool + Sync);

impl Bank {
    #[expect(clippy::too_many_arguments, reason = "what is asked, of whom, and how")]
    fn best_of(
        &self,
        partitions: Vec<&Partition>,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
        lifts: &[Lift],
        accepts: Option<Accepts<'_>>,
    ) -> Result<Vec<Hit>, QueryError> {
        with_question(
            &partitions,
            text,
            embedding,
            options,
            lifts,
            |question, surveyed| {
                if options.neighbours {
                    return best_with_neighbours(&partitions, question, options, top_k, accepts);
                }
                self.keep_candidates(&partitions, surveyed, question, top_k, accepts);
                let hits = best(surveyed, question, options, top_k, accepts);
                self.with_lifted(hits, question, options, top_k, accepts)
            },
        )
    }

    /// The best hits of those and of what judgements lift, which [`best`] may have passed over: it knows
    /// the bounds of what memories score by themselves. All others are found as they are.
    pub(super) fn with_lifted(
        &self,
        mut hits: Vec<Hit>,
        question: &Question<'_>,
        options: &QueryOptions,
        top_k: usize,
        accepts: Option<Accepts<'_>>,
    ) -> Vec<Hit> {
        let lifts = question.lifts();
        if lifts.is_empty() {
            return hits;
        }
        hits.retain(|hit| lifts.iter().all(|lift| lift.key != hit.key));
        let lifted = lifts.iter().filter_map(|lift| self.get(lift.key));
        let lifted = lifted.filter(|&slot| accepts.is_none_or(|accepts| accepts(slot)));
        let scored = lifted.map(|slot| Hit::new(slot, question.score(slot)));
        hits.extend(scored.filter(|hit| hit.score.total >= options.min_score));
        hits.sort_unstable_by(Hit::order);
        hits.truncate(top_k);
        hits
    }
}

/// Asks with what the question learns of the memories that it searches.
pub(super) fn with_question<R>(
    partitions: &[&Partition],
    text: &str,
    embedding: &Embedding,
    options: &QueryOptions,
    lifts: &[Lift],
    ask: impl FnOnce(&Question<'_>, &mut [Surveyed<'_>]) -> R,
) -> Result<R, QueryError> {
    if Words::of(text).next().is_none() {
        return Err(QueryError::EmptyText);
    }
    let blocks = partitions.iter().flat_map(|partition| partition.blocks());
    let blocks: Vec<&Block> = blocks.collect();
    let mut terms = question_terms(text);
    // For meaning alone, it only matters whether the names of the question occur at all.
    let looked_up = |term: &QueryTerm| options.mode != Mode::Dense || term.name;
    let (survey, mut surveyed) = survey(&blocks, &mut terms, looked_up);
    let question = survey.question(text, embedding, &mut terms, options);
    Ok(ask(&question.lifted(lifts), &mut surveyed))
}

/// Memories that one thread scores before it takes more.
const SCORED_AT_ONCE: usize = 2048;

fn best_with_neighbours(
    partitions: &[&Partition],
    question: &Question<'_>,
    options: &QueryOptions,
    top_k: usize,
    accepts: Option<Accepts<'_>>,
) -> Vec<Hit> {
    let memories = age::merge(partitions.to_vec());
    let accepted = memories.filter(|&slot| accepts.is_none_or(|accepts| accepts(slot)));
    let memories: Vec<SlotView<'_>> = accepted.collect();
    let scored: Vec<Hit> = memories
        .par_iter()
        .with_min_len(SCORED_AT_ONCE)
        .map(|&slot| Hit::new(slot, question.score(slot)))
        .collect();
    let mut hits = vec![Hit::default(); top_k.min(scored.len())];
    let found = rank(scored.into_iter(), options, &mut hits);
    hits.truncate(found);
    hits
}

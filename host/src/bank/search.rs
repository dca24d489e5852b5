//! Answering questions on all cores.

use super::Bank;
use super::age;
use super::partition::{BLOCK, Partition};
use super::terms::question_terms;
use memt_core::bank::QueryError;
use memt_core::embedding::Embedding;
use memt_core::overlap::{QueryTerm, matched_words};
use memt_core::query::{Hit, QueryOptions, rank};
use memt_core::score::Question;
use memt_core::slot::{Key, SlotView};
use memt_core::survey::Survey;
use memt_core::text::Words;
use rayon::prelude::*;

impl Bank {
    /// The best `top_k` memories for a question, best first.
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        top_k: usize,
    ) -> Result<Vec<Hit>, QueryError> {
        if Words::of(text).next().is_none() {
            return Err(QueryError::EmptyText);
        }
        let partitions = self.partitions_of(options.owner);
        let mut terms = question_terms(text);
        let survey = survey(&partitions, &mut terms);
        let question = survey.question(text, embedding, &mut terms, options);
        Ok(match options.neighbours {
            true => best_with_neighbours(partitions, &question, options, top_k),
            false => best(&partitions, &question, options, top_k),
        })
    }

    /// The words of a question that a memory contains, as the question writes them; `None` if there
    /// is no such memory.
    pub fn explain<'t>(&'t self, question: &'t str, key: Key) -> Option<Vec<&'t str>> {
        let memory = self.get(key)?;
        let words = matched_words(question, memory.terms);
        Some(words.map(|word| word.as_written()).collect())
    }
}

/// Runs `each` over blocks of rows, on all cores where there is more than one block.
fn over_blocks<R: Send>(
    partition: &Partition,
    each: impl Fn(&mut dyn Iterator<Item = SlotView<'_>>) -> R + Sync,
) -> Vec<R> {
    let rows = partition.order();
    if rows.len() <= BLOCK {
        return vec![each(&mut partition.by_age())];
    }
    rows.par_chunks(BLOCK)
        .map(|rows| each(&mut rows.iter().map(|&row| partition.view(row))))
        .collect()
}

/// Surveys all memories and which of `terms` they contain; sums of integers, so in any order.
fn survey(partitions: &[&Partition], terms: &mut [QueryTerm]) -> Survey {
    let mut total = Survey::new();
    let asked = terms.to_vec();
    for partition in partitions {
        let counts = over_blocks(partition, |slots| {
            let mut own = asked.clone();
            let mut survey = Survey::new();
            slots.for_each(|slot| survey.observe(slot, &mut own));
            (survey, own)
        });
        for (survey, own) in counts {
            total.merge(&survey);
            for (term, own) in terms.iter_mut().zip(own) {
                term.frequency += own.frequency;
            }
        }
    }
    total
}

/// As [`rank`] without neighbours: hits have one order, so sorting finds the same list.
fn best(
    partitions: &[&Partition],
    question: &Question<'_>,
    options: &QueryOptions,
    top_k: usize,
) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for partition in partitions {
        let blocks = over_blocks(partition, |slots| {
            let scored = slots.map(|slot| Hit::new(slot, question.score(slot)));
            keep_best(
                scored
                    .filter(|hit| hit.score.total >= options.min_score)
                    .collect(),
                top_k,
            )
        });
        hits.extend(blocks.into_iter().flatten());
    }
    let mut hits = keep_best(hits, top_k);
    hits.sort_unstable_by(Hit::order);
    hits
}

fn keep_best(mut hits: Vec<Hit>, top_k: usize) -> Vec<Hit> {
    if top_k > 0 && top_k < hits.len() {
        hits.select_nth_unstable_by(top_k - 1, Hit::order);
    }
    hits.truncate(top_k);
    hits
}

fn best_with_neighbours(
    partitions: Vec<&Partition>,
    question: &Question<'_>,
    options: &QueryOptions,
    top_k: usize,
) -> Vec<Hit> {
    let memories: Vec<SlotView<'_>> = age::merge(partitions).collect();
    let scored: Vec<Hit> = memories
        .par_iter()
        .with_min_len(BLOCK)
        .map(|&slot| Hit::new(slot, question.score(slot)))
        .collect();
    let mut hits = vec![Hit::default(); top_k.min(scored.len())];
    let found = rank(scored.into_iter(), options, &mut hits);
    hits.truncate(found);
    hits
}

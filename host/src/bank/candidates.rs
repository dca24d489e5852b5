//! Which rows a question looks at, where an [approximate](super::approximate) index names them.

use super::Bank;
use super::block::ROWS;
use super::partition::Partition;
use super::search::{Accepts, Surveyed};
use memt_core::bound::Bound;
use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_core::score::Question;

/// Memories that an index names at least: with more, fewer are missed and each question takes longer.
const NAMED: usize = 200;

/// Memories that an index names for each answer that is asked for.
const NAMED_EACH: usize = 8;

impl Bank {
    /// Leaves, of the blocks of owners with an index, the rows that it names, that share a word with the
    /// question or that are not in it.
    pub(super) fn keep_candidates(
        &self,
        partitions: &[&Partition],
        surveyed: &mut [Surveyed<'_>],
        question: &Question<'_>,
        top_k: usize,
        accepts: Option<Accepts<'_>>,
    ) {
        let bound = question.bound();
        let Some(direction) = direction(&bound) else {
            return;
        };
        let terms = question.terms().iter().map(|term| bound.term(term) > 0.0);
        let counts: Vec<bool> = terms.collect();
        let mut left = surveyed;
        for partition in partitions {
            let (blocks, others) = left.split_at_mut(partition.blocks().len());
            left = others;
            if let Some(named) = self.named(partition, &direction, top_k, accepts) {
                keep(blocks, named, partition.indexed(), &counts);
            }
        }
    }

    /// The rows that an owner's index names. `None` where all have to be looked at: there is no index, or
    /// most of what it names is not `accepted`.
    fn named(
        &self,
        partition: &Partition,
        direction: &Embedding,
        top_k: usize,
        accepts: Option<Accepts<'_>>,
    ) -> Option<Vec<u32>> {
        let count = NAMED.max(NAMED_EACH.saturating_mul(top_k));
        if count >= partition.len() {
            return None;
        }
        let named = partition.nearest_named(direction, count)?;
        let places = named.iter().filter_map(|&key| self.place(key));
        let accepted = |row: &u32| accepts.is_none_or(|accepts| accepts(partition.view(*row)));
        let rows: Vec<u32> = places.map(|place| place.row).filter(accepted).collect();
        (rows.len() >= count / 2).then_some(rows)
    }
}

/// The direction of the likeness that is sought, as an embedding.
fn direction(bound: &Bound) -> Option<Embedding> {
    let largest = bound
        .direction
        .iter()
        .fold(0.0f32, |most, one| most.max(one.abs()));
    if largest == 0.0 {
        return None;
    }
    let scale = f32::from(i8::MAX) / largest;
    let mut components = [0; DIMENSIONS];
    for (component, weight) in components.iter_mut().zip(&bound.direction) {
        *component = (weight * scale).round() as i8;
    }
    Some(Embedding(components))
}

fn keep(blocks: &mut [Surveyed<'_>], named: Vec<u32>, indexed: u32, counts: &[bool]) {
    let mut rows = vec![Vec::new(); blocks.len()];
    for row in named {
        rows[row as usize / ROWS].push((row as usize % ROWS) as u16);
    }
    for (number, (surveyed, mut rows)) in blocks.iter_mut().zip(rows).enumerate() {
        let first = number * ROWS;
        let waiting = (indexed as usize).max(first)..first + surveyed.block.rows();
        rows.extend(waiting.map(|row| (row - first) as u16));
        let with_terms = surveyed
            .rows
            .iter()
            .zip(counts)
            .filter(|(_, counts)| **counts);
        with_terms.for_each(|(with_term, _)| rows.extend(with_term.iter()));
        rows.sort_unstable();
        rows.dedup();
        surveyed.among = Some(rows);
    }
}

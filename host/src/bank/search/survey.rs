//! The first pass: what memories have in common, and which contain the words of a question.

use crate::bank::block::Block;
use memt_core::overlap::QueryTerm;
use memt_core::survey::Survey;
use rayon::prelude::*;
use std::borrow::Cow;

/// What the first pass over a block finds.
pub(in crate::bank) struct Surveyed<'b> {
    pub(in crate::bank) block: &'b Block,
    /// For each term of the question, the rows that contain it.
    pub(in crate::bank) rows: Vec<Cow<'b, [u16]>>,
    /// The rows to look at, ascending, where not all are.
    pub(in crate::bank) among: Option<Vec<u16>>,
}

/// Terms of a question from which a block is not gone through for each of them.
const MANY_ASKED: usize = 256;

/// Surveys all memories and which of `terms` they contain; sums of integers, so in any order.
pub(super) fn survey<'b>(
    blocks: &[&'b Block],
    terms: &mut [QueryTerm],
    looked_up: impl Fn(&QueryTerm) -> bool + Sync,
) -> (Survey, Vec<Surveyed<'b>>) {
    let asked: &[QueryTerm] = terms;
    let surveyed = over(blocks, |&block| {
        if asked.len() >= MANY_ASKED {
            block.index_terms();
        }
        let rows = asked.iter().map(|term| match looked_up(term) {
            true => block.rows_with(term.hash),
            false => Cow::Borrowed(&[][..]),
        });
        (block.survey(), rows.collect::<Vec<_>>())
    });
    let mut total = Survey::new();
    let mut kept = Vec::with_capacity(surveyed.len());
    for (&block, (survey, rows)) in blocks.iter().zip(surveyed) {
        total.merge(&survey);
        for (term, rows) in terms.iter_mut().zip(&rows) {
            term.frequency += match block.is_whole() {
                true => rows.len() as u32,
                false => live(block, rows).count() as u32,
            };
        }
        kept.push(Surveyed {
            block,
            rows,
            among: None,
        });
    }
    (total, kept)
}

fn live<'b>(block: &'b Block, rows: &'b [u16]) -> impl Iterator<Item = usize> + 'b {
    let rows = rows.iter().map(|&row| usize::from(row));
    rows.filter(move |&row| block.is_live(row))
}

/// `each` of `items`, on all cores where there are more than a few.
pub(super) fn over<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    const FEW: usize = 2;
    // So few that no thread waits long for another at the end.
    const AT_ONCE: usize = 4;
    match items.len() <= FEW {
        true => items.iter().map(each).collect(),
        false => items.par_iter().with_max_len(AT_ONCE).map(each).collect(),
    }
}

//! Terms without a limit on their number.

use memt_core::overlap::{NotASignature, QueryTerm, Terms, asked_terms, terms};
use std::collections::HashMap;

/// The terms of one memory: distinct hashes in the order in which they first occur, each with its count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signature {
    hashes: Box<[u32]>,
    counts: Box<[u8]>,
}

impl Signature {
    /// The signature of `text`; a count stops at 255.
    pub(crate) fn of(text: &str) -> Self {
        let mut all: Vec<(u32, usize)> = terms(text).zip(0..).collect();
        all.sort_unstable();
        let runs = all.chunk_by(|a, b| a.0 == b.0);
        let mut distinct: Vec<(usize, u32, u8)> = runs
            .map(|run| {
                let (hash, first) = run[0];
                (first, hash, u8::try_from(run.len()).unwrap_or(u8::MAX))
            })
            .collect();
        distinct.sort_unstable();
        let (hashes, counts): (Vec<u32>, Vec<u8>) = distinct
            .into_iter()
            .map(|(_, hash, count)| (hash, count))
            .unzip();
        Self {
            hashes: hashes.into(),
            counts: counts.into(),
        }
    }

    /// The signature that was kept as the bytes of its hashes (little-endian) and its counts.
    pub(super) fn of_stored(hashes: &[u8], counts: &[u8]) -> Result<Self, NotASignature> {
        let (hashes, rest) = hashes.as_chunks::<4>();
        let hashes: Box<[u32]> = hashes
            .iter()
            .map(|hash| u32::from_le_bytes(*hash))
            .collect();
        let fits = rest.is_empty() && hashes.len() == counts.len() && !counts.contains(&0);
        if !fits || !are_distinct(&hashes) {
            return Err(NotASignature);
        }
        Ok(Self {
            hashes,
            counts: counts.into(),
        })
    }

    /// A copy.
    pub(super) fn of_terms(terms: Terms<'_>) -> Self {
        Self {
            hashes: terms.hashes.into(),
            counts: terms.counts.into(),
        }
    }

    /// Borrows the terms.
    pub(crate) fn as_terms(&self) -> Terms<'_> {
        Terms::new(&self.hashes, &self.counts)
    }
}

/// Whether no hash is there twice.
pub(crate) fn are_distinct(hashes: &[u32]) -> bool {
    // So few that comparing each with each is faster than sorting.
    const FEW: usize = 32;
    if hashes.len() <= FEW {
        let mut places = hashes.iter().enumerate();
        return places.all(|(at, hash)| !hashes[..at].contains(hash));
    }
    let mut sorted: Vec<u32> = hashes.to_vec();
    sorted.sort_unstable();
    sorted.is_sorted_by(|a, b| a < b)
}

/// The distinct terms of a question, in order of first occurrence.
pub(super) fn question_terms(text: &str) -> Vec<QueryTerm> {
    let mut places = HashMap::new();
    let mut distinct: Vec<QueryTerm> = Vec::new();
    for asked in asked_terms(text) {
        let place = *places.entry(asked.0).or_insert(distinct.len());
        match distinct.get_mut(place) {
            Some(term) => term.say_again(asked.1),
            None => distinct.push(QueryTerm::new(asked)),
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use memt_core::overlap;

    const TEXT: &str = "Red valves and a red pump: the RED valve, the pump, a hose. 漢字 漢 don't";

    #[test]
    fn signatures_are_those_of_core() {
        for text in [TEXT, "", "echo ".repeat(1000).as_str()] {
            let core = overlap::Signature::<64>::of(text).unwrap();
            assert_eq!(Signature::of(text).as_terms(), core.as_terms());
        }
    }

    #[test]
    fn question_terms_are_those_of_core() {
        let core = overlap::question_terms::<64>(TEXT).unwrap();
        assert_eq!(question_terms(TEXT), core.as_slice());
        assert_eq!(core.iter().map(|term| term.count).max(), Some(3));
    }
}

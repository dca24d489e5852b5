//! Terms without a limit on their number.

use memt_core::overlap::{NotASignature, QueryTerm, Terms, asked_terms, terms};
use std::collections::HashMap;

/// The terms of one memory: distinct hashes in ascending order, each with its count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    hashes: Box<[u32]>,
    counts: Box<[u8]>,
}

impl Signature {
    /// The signature of `text`; a count stops at 255.
    pub(super) fn of(text: &str) -> Self {
        let mut all: Vec<u32> = terms(text).collect();
        all.sort_unstable();
        let runs = all.chunk_by(|a, b| a == b);
        let (hashes, counts): (Vec<u32>, Vec<u8>) = runs
            .map(|run| (run[0], u8::try_from(run.len()).unwrap_or(u8::MAX)))
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
        let ascending = hashes.is_sorted_by(|a, b| a < b);
        if !rest.is_empty() || hashes.len() != counts.len() || !ascending || counts.contains(&0) {
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
    pub(super) fn as_terms(&self) -> Terms<'_> {
        Terms {
            hashes: &self.hashes,
            counts: &self.counts,
        }
    }
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

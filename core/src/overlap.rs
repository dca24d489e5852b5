//! The lexical side of a memory: hashed stems with counts, and BM25 over them.
//!
//! BM25 as in Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond",
//! 2009, section 3, with the inverse document frequency `ln(1 + (N - n + 1/2) / (n + 1/2))`, which
//! is never negative. Document frequencies come from the memories that are searched.

use crate::text::stem::{MAX_STEM_BYTES, stem};
use crate::text::stop::{is_asking_stem, is_stop_word};
use crate::text::{Word, Words};
use crate::tokens::hash::CharacterHash;
use heapless::{String, Vec};

/// BM25's saturation of term counts. Memories are short, so a word that is said twice says little
/// more: Trotman, Puurula and Burgess, "Improvements to BM25 and language models examined", 2014,
/// take 0.9 and 0.4 for documents; the development sets prefer a little less of both.
pub const K1: f32 = 0.6;

/// BM25's normalisation by length.
pub const B: f32 = 0.3;

/// The terms of a text: its words without stop words, English ones stemmed, hashed to 32 bits.
#[inline]
pub fn terms(text: &str) -> impl Iterator<Item = u32> + '_ {
    Words::of(text).filter_map(term)
}

/// The term of one word, `None` for a stop word.
///
/// A word longer than any stem's buffer is hashed as it is.
#[inline]
pub fn term(word: Word<'_>) -> Option<u32> {
    unless(word, |_| false)
}

/// The term of one word of a question, `None` also for a word that only says how it is asked.
#[inline]
pub fn asked_term(word: Word<'_>) -> Option<u32> {
    unless(word, is_asking_stem)
}

#[inline]
fn unless(word: Word<'_>, left_out: impl Fn(&str) -> bool) -> Option<u32> {
    let mut buffer = String::<MAX_STEM_BYTES>::new();
    for character in word.characters() {
        if buffer.push(character).is_err() {
            return Some(CharacterHash::of(word.characters()));
        }
    }
    if is_stop_word(&buffer) {
        return None;
    }
    if buffer
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'\'')
    {
        let mut letters = buffer.into_bytes();
        stem(&mut letters);
        // A stem of ASCII letters is ASCII, so this cannot fail.
        buffer = String::from_utf8(letters).ok()?;
    }
    (!left_out(&buffer)).then(|| CharacterHash::of(buffer.chars()))
}

/// More distinct terms than there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTerms {
    /// Distinct terms of the text.
    pub terms: usize,
    /// Terms that fit.
    pub capacity: usize,
}

impl core::fmt::Display for TooManyTerms {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { terms, capacity } = self;
        write!(
            formatter,
            "text has at least {terms} distinct terms, {capacity} fit"
        )
    }
}

impl core::error::Error for TooManyTerms {}

/// The terms of one memory: distinct hashes in ascending order, each with its count.
///
/// A count of 0 ends the terms, so that no length needs room beside them; everything after it is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<const TERMS: usize> {
    hashes: [u32; TERMS],
    counts: [u8; TERMS],
}

/// Hashes that are not ascending, counts of 0, or more of either than of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASignature;

impl core::fmt::Display for NotASignature {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("stored terms are not ascending hashes, each with a count")
    }
}

impl core::error::Error for NotASignature {}

impl<const TERMS: usize> Signature<TERMS> {
    /// No terms.
    pub const fn new() -> Self {
        Self {
            hashes: [0; TERMS],
            counts: [0; TERMS],
        }
    }

    /// The signature of `text`; a count stops at 255.
    pub fn of(text: &str) -> Result<Self, TooManyTerms> {
        let mut signature = Self::new();
        for term in terms(text) {
            signature.add(term)?;
        }
        Ok(signature)
    }

    /// Becomes the signature that [`as_terms`](Self::as_terms) gave, kept somewhere as the bytes of the hashes
    /// (little-endian) and the counts, `None` if each is 1. It holds no terms in order after an error.
    pub fn restore(&mut self, hashes: &[u8], counts: Option<&[u8]>) -> Result<(), NotASignature> {
        let distinct = self.distinct();
        restore(&mut self.hashes, &mut self.counts, distinct, hashes, counts)
    }

    /// Distinct terms.
    fn distinct(&self) -> usize {
        self.counts.partition_point(|&count| count != 0)
    }

    fn add(&mut self, term: u32) -> Result<(), TooManyTerms> {
        let distinct = self.distinct();
        match self.hashes[..distinct].binary_search(&term) {
            Ok(at) => self.counts[at] = self.counts[at].saturating_add(1),
            Err(_) if distinct == TERMS => {
                return Err(TooManyTerms {
                    terms: distinct + 1,
                    capacity: TERMS,
                });
            }
            Err(at) => {
                self.hashes[at..=distinct].rotate_right(1);
                self.hashes[at] = term;
                self.counts[at..=distinct].rotate_right(1);
                self.counts[at] = 1;
            }
        }
        Ok(())
    }

    /// Borrows the terms.
    pub fn as_terms(&self) -> Terms<'_> {
        let distinct = self.distinct();
        Terms {
            hashes: &self.hashes[..distinct],
            counts: &self.counts[..distinct],
        }
    }
}

/// In place of `distinct` terms. Compiled once, here, whatever the size of the signature and the caller's optimisation.
fn restore(
    places: &mut [u32],
    count_places: &mut [u8],
    distinct: usize,
    hashes: &[u8],
    counts: Option<&[u8]>,
) -> Result<(), NotASignature> {
    let (hashes, rest) = hashes.as_chunks::<4>();
    let restored = hashes.len();
    let counted = counts.is_none_or(|counts| counts.len() == restored && !counts.contains(&0));
    if !rest.is_empty() || !counted || restored > places.len() {
        return Err(NotASignature);
    }
    let mut least = Some(0);
    for (place, hash) in places.iter_mut().zip(hashes) {
        let hash = u32::from_le_bytes(*hash);
        if least.is_none_or(|least| hash < least) {
            return Err(NotASignature);
        }
        least = hash.checked_add(1);
        *place = hash;
    }
    match counts {
        Some(counts) => count_places[..restored].copy_from_slice(counts),
        None => count_places[..restored].fill(1),
    }
    let left = restored..distinct.max(restored);
    places[left.clone()].fill(0);
    count_places[left].fill(0);
    Ok(())
}

impl<const TERMS: usize> Default for Signature<TERMS> {
    fn default() -> Self {
        Self::new()
    }
}

/// A borrowed signature of any capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms<'s> {
    /// Distinct hashes, ascending.
    pub hashes: &'s [u32],
    /// The count of each.
    pub counts: &'s [u8],
}

impl Terms<'_> {
    /// How often `hash` occurs.
    #[inline]
    pub fn count(&self, hash: u32) -> u8 {
        match self.hashes.binary_search(&hash) {
            Ok(at) => self.counts[at],
            Err(_) => 0,
        }
    }

    /// Terms in all, repetitions included: BM25's document length.
    pub fn length(&self) -> u32 {
        self.counts.iter().map(|&count| u32::from(count)).sum()
    }
}

/// One distinct term of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueryTerm {
    /// Its hash.
    pub hash: u32,
    /// How often the question says it.
    pub count: u32,
    /// Whether the question writes it like a name.
    pub name: bool,
    /// Memories that contain it.
    pub frequency: u32,
    /// `count x` inverse document frequency, set by [`Statistics::weigh`].
    pub weight: f32,
}

impl QueryTerm {
    /// A term that the question says once so far.
    pub const fn new((hash, name): (u32, bool)) -> Self {
        Self {
            hash,
            count: 1,
            name,
            frequency: 0,
            weight: 0.0,
        }
    }

    /// Counts the term once more.
    pub fn say_again(&mut self, name: bool) {
        self.count += 1;
        self.name |= name;
    }
}

/// The terms of a question, repetitions included, each with whether it is written like a name: not the
/// first word, a capital and then small letters among the rest. A capital is what lower case changes: so the tables that
/// cut words into lower case serve here too, on every target alike.
#[inline]
pub fn asked_terms(text: &str) -> impl Iterator<Item = (u32, bool)> + '_ {
    Words::of(text).enumerate().filter_map(|(place, word)| {
        let written = word.as_written();
        let name = place > 0
            && written.chars().next().is_some_and(is_capital)
            && written.chars().any(|c| c.is_alphabetic() && !is_capital(c));
        asked_term(word).map(|hash| (hash, name))
    })
}

#[inline]
fn is_capital(character: char) -> bool {
    character.to_lowercase().next() != Some(character)
}

/// The distinct terms of a question, in order of first occurrence.
pub fn question_terms<const TERMS: usize>(
    text: &str,
) -> Result<Vec<QueryTerm, TERMS>, TooManyTerms> {
    let mut distinct = Vec::<QueryTerm, TERMS>::new();
    let too_many = TooManyTerms {
        terms: TERMS + 1,
        capacity: TERMS,
    };
    for asked in asked_terms(text) {
        match distinct.iter_mut().find(|term| term.hash == asked.0) {
            Some(term) => term.say_again(asked.1),
            None => distinct.push(QueryTerm::new(asked)).map_err(|_| too_many)?,
        }
    }
    Ok(distinct)
}

/// What BM25 knows of the memories that are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// N: memories.
    pub memories: u32,
    /// Sum of their lengths in terms.
    pub length: u64,
}

impl Statistics {
    /// Counts one memory and which of `terms` it contains.
    pub fn observe(&mut self, memory: Terms<'_>, terms: &mut [QueryTerm]) {
        self.memories += 1;
        self.length += u64::from(memory.length());
        for term in terms {
            term.frequency += u32::from(memory.count(term.hash) > 0);
        }
    }

    /// Mean length of a memory in terms, at least 1 so that it can divide.
    pub fn mean_length(&self) -> f32 {
        if self.length == 0 {
            return 1.0;
        }
        self.length as f32 / self.memories as f32
    }

    /// Gives each term its weight `count x ln(1 + (N - n + 1/2) / (n + 1/2))`.
    #[inline]
    pub fn weigh(&self, terms: &mut [QueryTerm]) {
        for term in terms {
            let without = self.memories.saturating_sub(term.frequency) as f32;
            let rarity = libm::logf(1.0 + (without + 0.5) / (term.frequency as f32 + 0.5));
            term.weight = term.count as f32 * rarity;
        }
    }
}

/// What a memory has of a question's weighed terms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Overlap {
    /// BM25, 0 without a common term.
    pub bm25: f32,
    /// The weight of the common terms, at most that of all.
    pub weight: f32,
}

/// Compares a memory with weighed terms; sums run in the terms' order.
pub fn overlap(memory: Terms<'_>, terms: &[QueryTerm], mean_length: f32) -> Overlap {
    let mut overlap = Overlap::default();
    let mut pressure = None;
    for term in terms {
        let count = memory.count(term.hash);
        if count > 0 {
            let pressure = *pressure
                .get_or_insert_with(|| K1 * (1.0 - B + B * memory.length() as f32 / mean_length));
            let count = f32::from(count);
            overlap.bm25 += term.weight * (count * (K1 + 1.0) / (count + pressure));
            overlap.weight += term.weight;
        }
    }
    overlap
}

/// The words of a question that a memory contains, in the question's order: the explanation of
/// its lexical score.
pub fn matched_words<'t>(
    question: &'t str,
    memory: Terms<'t>,
) -> impl Iterator<Item = Word<'t>> + 't {
    Words::of(question)
        .filter(move |&word| asked_term(word).is_some_and(|hash| memory.count(hash) > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_hold_stems_without_stop_words() {
        let signature = Signature::<8>::of("The valves were replaced; the VALVE was new.").unwrap();
        let same = Signature::<8>::of("valve valve replace new").unwrap();
        assert_eq!(signature, same);
        assert_eq!(signature.as_terms().length(), 4);
        assert!(signature.as_terms().hashes.is_sorted());
    }

    #[test]
    fn stored_signatures_come_back_and_forged_ones_do_not() {
        let signature = Signature::<8>::of("red valve, blue valve, pump").unwrap();
        let terms = signature.as_terms();
        let hashes: std::vec::Vec<u8> = terms
            .hashes
            .iter()
            .flat_map(|hash| hash.to_le_bytes())
            .collect();
        let restored = |mut signature: Signature<8>, hashes: &[u8], counts: &[u8]| {
            let restored = signature.restore(hashes, Some(counts));
            restored.map(|()| signature)
        };
        let mut once = Signature::<8>::new();
        assert_eq!(once.restore(&hashes, None), Ok(()));
        assert_eq!(once, Signature::of("red valve blue pump").unwrap());
        for before in [
            Signature::new(),
            Signature::of("a b c d e f g h i").unwrap(),
        ] {
            assert_eq!(
                restored(before, &hashes, terms.counts),
                Ok(signature.clone())
            );
        }
        let mut descending = hashes.clone();
        descending.rotate_left(4);
        let repeated = [&hashes[..4], &hashes[..4]].concat();
        for (hashes, counts) in [
            (&hashes[1..], terms.counts),
            (&hashes[4..], terms.counts),
            (&descending, terms.counts),
            (&repeated, &[1, 1]),
            (&hashes, &[1, 0, 1, 1]),
        ] {
            assert_eq!(
                restored(Signature::new(), hashes, counts),
                Err(NotASignature)
            );
        }
        assert_eq!(
            Signature::<3>::new().restore(&hashes, Some(terms.counts)),
            Err(NotASignature)
        );
    }

    #[test]
    fn too_many_terms_are_refused() {
        assert_eq!(
            Signature::<2>::of("alpha beta gamma alpha"),
            Err(TooManyTerms {
                terms: 3,
                capacity: 2
            })
        );
        assert!(Signature::<2>::of("alpha beta alpha beta").is_ok());
    }

    #[test]
    fn counts_and_long_words_are_bounded() {
        let many = "echo ".repeat(1000);
        assert_eq!(Signature::<1>::of(&many).unwrap().as_terms().counts, [255]);
        let long = "x".repeat(100_000);
        assert_eq!(Signature::<1>::of(&long).unwrap().as_terms().length(), 1);
    }

    #[test]
    fn bm25_is_the_formula() {
        let memories = ["red valve", "blue valve pump", "green hose"];
        let signatures = memories.map(|text| Signature::<8>::of(text).unwrap());
        let mut terms = question_terms::<8>("blue valve valve").unwrap();
        let mut statistics = Statistics::default();
        for signature in &signatures {
            statistics.observe(signature.as_terms(), &mut terms);
        }
        statistics.weigh(&mut terms);
        let mean = 7.0 / 3.0;
        assert!((statistics.mean_length() - mean).abs() < 1e-6);
        let idf = |n: f32| (1.0 + (3.0 - n + 0.5) / (n + 0.5)).ln();
        let saturation = |length: f32| 1.6 / (1.0 + 0.6 * (0.7 + 0.3 * length / mean));
        let expected = [
            2.0 * idf(2.0) * saturation(2.0),
            (idf(1.0) + 2.0 * idf(2.0)) * saturation(3.0),
            0.0,
        ];
        for (signature, expected) in signatures.iter().zip(expected) {
            let overlap = overlap(signature.as_terms(), &terms, statistics.mean_length());
            let (score, weight) = (overlap.bm25, overlap.weight);
            assert_eq!(weight > 0.0, expected > 0.0);
            assert!((score - expected).abs() < 1e-5, "{score} {expected}");
        }
    }
}

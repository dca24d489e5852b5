//! The terms of one memory.

use super::term::terms;

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

/// The terms of one memory: distinct hashes in the order in which they first occur, each with its count.
///
/// A count of 0 ends the terms, so that no length needs room beside them; everything after it is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<const TERMS: usize> {
    hashes: [u32; TERMS],
    counts: [u8; TERMS],
}

/// A hash twice, counts of 0, or more of either than of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASignature;

impl core::fmt::Display for NotASignature {
    #[inline]
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("stored terms are not distinct hashes, each with a count")
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
    /// (little-endian) and the counts, `None` if each is 1. What it holds after an error is no signature.
    pub fn restore(&mut self, hashes: &[u8], counts: Option<&[u8]>) -> Result<(), NotASignature> {
        restore(&mut self.hashes, &mut self.counts, hashes, counts)
    }

    /// Distinct terms.
    fn distinct(&self) -> usize {
        self.counts.partition_point(|&count| count != 0)
    }

    fn add(&mut self, term: u32) -> Result<(), TooManyTerms> {
        let distinct = self.distinct();
        let at = place(&self.hashes[..distinct], term).unwrap_or(distinct);
        if at == TERMS {
            return Err(TooManyTerms {
                terms: distinct + 1,
                capacity: TERMS,
            });
        }
        self.hashes[at] = term;
        self.counts[at] = self.counts[at].saturating_add(1);
        Ok(())
    }

    /// Borrows the terms.
    pub fn as_terms(&self) -> Terms<'_> {
        let distinct = self.distinct();
        Terms::new(&self.hashes[..distinct], &self.counts[..distinct])
    }
}

/// In place of the terms that are there. Compiled once, here, whatever the size of the signature and the caller's optimisation.
fn restore(
    places: &mut [u32],
    count_places: &mut [u8],
    hashes: &[u8],
    counts: Option<&[u8]>,
) -> Result<(), NotASignature> {
    let (hashes, rest) = hashes.as_chunks::<4>();
    let restored = hashes.len();
    let counted = counts.is_none_or(|counts| counts.len() == restored && !counts.contains(&0));
    if !rest.is_empty() || !counted || restored > places.len() {
        return Err(NotASignature);
    }
    for (at, hash) in hashes.iter().enumerate() {
        let hash = u32::from_le_bytes(*hash);
        if place(&places[..at], hash).is_some() {
            return Err(NotASignature);
        }
        places[at] = hash;
    }
    match counts {
        Some(counts) => count_places[..restored].copy_from_slice(counts),
        None => count_places[..restored].fill(1),
    }
    let left = places[restored..]
        .iter_mut()
        .zip(&mut count_places[restored..]);
    for (hash, count) in left.take_while(|(_, count)| **count != 0) {
        (*hash, *count) = (0, 0);
    }
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
    /// Distinct hashes, in the order in which they first occur.
    pub hashes: &'s [u32],
    /// The count of each.
    pub counts: &'s [u8],
    /// The places of the hashes in ascending order of the hashes, to find one among many; empty where they are few enough
    /// to look at each.
    #[cfg(feature = "many-terms")]
    pub ascending: &'s [u32],
}

impl<'s> Terms<'s> {
    /// Few terms, with the count of each.
    #[inline]
    pub fn new(hashes: &'s [u32], counts: &'s [u8]) -> Self {
        Self {
            hashes,
            counts,
            #[cfg(feature = "many-terms")]
            ascending: &[],
        }
    }

    /// How often `hash` occurs.
    #[inline]
    pub fn count(&self, hash: u32) -> u8 {
        self.place(hash).map_or(0, |at| self.counts[at])
    }

    /// The place of `hash` among the terms.
    #[inline]
    pub fn place(&self, hash: u32) -> Option<usize> {
        #[cfg(feature = "many-terms")]
        if !self.ascending.is_empty() {
            let at = |&place: &u32| self.hashes[place as usize];
            let found = self.ascending.binary_search_by_key(&hash, at).ok()?;
            return Some(self.ascending[found] as usize);
        }
        place(self.hashes, hash)
    }

    /// Terms in all, repetitions included: BM25's document length.
    pub fn length(&self) -> u32 {
        self.counts.iter().map(|&count| u32::from(count)).sum()
    }
}

#[inline]
fn place(hashes: &[u32], hash: u32) -> Option<usize> {
    hashes.iter().position(|&own| own == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_hold_stems_without_stop_words() {
        let signature = Signature::<8>::of("The valves were replaced; the VALVE was new.").unwrap();
        let same = Signature::<8>::of("valve replace valve new").unwrap();
        assert_eq!(signature, same);
        assert_eq!(signature.as_terms().length(), 4);
        let other = Signature::<8>::of("replace valve valve new").unwrap();
        assert_ne!(signature, other);
        let new = super::super::terms("new").next().unwrap();
        assert_eq!(signature.as_terms().place(new), Some(2));
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
        let repeated = [&hashes[..4], &hashes[..4]].concat();
        for (hashes, counts) in [
            (&hashes[1..], terms.counts),
            (&hashes[4..], terms.counts),
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
}

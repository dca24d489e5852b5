//! Fitting in a bank: what follows a write, and what replay repeats.
//!
//! A memory that had no rivals when it was written has a vector that knows of none. So when a rival
//! arrives, the newcomer is fitted, then the nearest of those that were there: two memories, one after
//! the other, each reported. Nothing else in the bank changes.

use super::{Emphasis, Fit, FitReport, FitWeights, NamedRivals, Rivals};
use crate::embedding::Embedding;
use crate::encoder::Progress;
use crate::slot::{Key, Owner, SlotView};

/// What came of fitting a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Learned {
    /// The newcomer.
    pub fit: FitReport,
    /// Its nearest rival, fitted anew because of it.
    pub rival: Option<(Key, FitReport)>,
}

/// A bank whose memories can be fitted among each other. Encoding is the caller's: `encode` gives the
/// embedding of a text by the bank's model.
pub trait Learn {
    /// The memory of this name.
    fn memory(&self, key: Key) -> Option<SlotView<'_>>;

    /// The memories of its owner that a memory's text, of this embedding, could be mistaken for.
    fn rivals(&self, key: Key, embedding: &Embedding) -> Option<Rivals<'_>>;

    /// How many memories of an owner have a term.
    fn having(&self, owner: Owner, term: u32) -> usize;

    /// Stores the vector of a fit; says whether the memory is there.
    fn settle(&mut self, key: Key, vector: &Embedding) -> bool;

    /// The words that tell a memory from its rivals; empty if it has none.
    fn emphasis(&self, key: Key, embedding: &Embedding) -> Option<Emphasis> {
        let slot = self.memory(key)?;
        let having = |term| self.having(slot.facts.owner, term);
        Some(self.rivals(key, embedding)?.emphasis(slot.text, having))
    }

    /// Begins to fit a memory's vector, from its text's embedding and that of the words of
    /// [`Learn::emphasis`]. The bank changes when [`Learn::settle`] gets the result.
    fn begin_fit(
        &self,
        key: Key,
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
        weights: FitWeights,
    ) -> Option<Fit> {
        let rivals = self.rivals(key, embedding)?;
        Some(Fit::begin(embedding, emphasis, &rivals, weights))
    }

    /// All steps of a fit, and the result stored.
    fn fit(
        &mut self,
        key: Key,
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
    ) -> Option<FitReport> {
        self.fit_weighed(key, embedding, emphasis, FitWeights::default())
    }

    /// As [`Learn::fit`] with other weights, to measure what they are worth.
    fn fit_weighed(
        &mut self,
        key: Key,
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
        weights: FitWeights,
    ) -> Option<FitReport> {
        let named = self.rivals(key, embedding)?.named();
        Some(fit_named(self, key, embedding, emphasis, &named, weights))
    }

    /// Fits a memory among those that are there now, from its text; `None` if there is no such memory.
    ///
    /// # Errors
    /// What `encode` gives; the bank is then as it was.
    fn refit<E>(
        &mut self,
        key: Key,
        weights: FitWeights,
        mut encode: impl FnMut(&str) -> Result<Embedding, E>,
    ) -> Result<Option<FitReport>, E> {
        let Some(slot) = self.memory(key) else {
            return Ok(None);
        };
        let embedding = encode(slot.text)?;
        let fitted = fit_among(self, key, &embedding, weights, &mut encode)?;
        Ok(fitted.map(|(fit, _)| fit))
    }

    /// Fits a memory that was just written, whose vector is still its text's embedding, and then its
    /// nearest rival; `None` if there is no such memory. Without words that tell it from its rivals
    /// nothing is encoded and no rival changes.
    ///
    /// # Errors
    /// What `encode` gives; what was fitted before stays, and is as good as before the call.
    fn learn<E>(
        &mut self,
        key: Key,
        weights: FitWeights,
        mut encode: impl FnMut(&str) -> Result<Embedding, E>,
    ) -> Result<Option<Learned>, E> {
        let Some(slot) = self.memory(key) else {
            return Ok(None);
        };
        let embedding = *slot.embedding;
        let fitted = fit_among(self, key, &embedding, weights, &mut encode)?;
        let Some((fit, nearest)) = fitted else {
            return Ok(None);
        };
        let rival = match nearest {
            Some(rival) => self.refit(rival, weights, encode)?.map(|fit| (rival, fit)),
            None => None,
        };
        Ok(Some(Learned { fit, rival }))
    }
}

/// Fits a memory whose text has this embedding; says how, and which rival is the nearest if words tell
/// the two apart. `None` if there is no such memory.
fn fit_among<E>(
    bank: &mut (impl Learn + ?Sized),
    key: Key,
    embedding: &Embedding,
    weights: FitWeights,
    encode: &mut impl FnMut(&str) -> Result<Embedding, E>,
) -> Result<Option<(FitReport, Option<Key>)>, E> {
    // Encoding goes deep: names wait on the stack meanwhile, not views of slots.
    let (words, rivals) = match (bank.memory(key), bank.rivals(key, embedding)) {
        (Some(slot), Some(rivals)) => {
            let having = |term| bank.having(slot.facts.owner, term);
            (rivals.emphasis(slot.text, having), rivals.named())
        }
        _ => return Ok(None),
    };
    let emphasis = encode_words(&words, encode)?;
    let nearest = rivals.nearest().filter(|_| emphasis.is_some());
    let fit = fit_named(bank, key, embedding, emphasis.as_ref(), &rivals, weights);
    Ok(Some((fit, nearest)))
}

/// All steps of a fit among rivals that were found before, and the result stored. Not inlined: its
/// working memory must not lie on a device's stack while a text is encoded.
#[inline(never)]
fn fit_named(
    bank: &mut (impl Learn + ?Sized),
    key: Key,
    embedding: &Embedding,
    emphasis: Option<&Embedding>,
    rivals: &NamedRivals,
    weights: FitWeights,
) -> FitReport {
    // In place: a fit is too large for a device's stack to hold it twice.
    let mut fit = {
        let rivals = rivals.recall(embedding, |name| bank.memory(name));
        Fit::begin(embedding, emphasis, &rivals, weights)
    };
    while fit.step() == Progress::More {}
    let (vector, report) = fit.finish();
    bank.settle(key, &vector);
    report
}

fn encode_words<E>(
    words: &str,
    encode: &mut impl FnMut(&str) -> Result<Embedding, E>,
) -> Result<Option<Embedding>, E> {
    match words.is_empty() {
        true => Ok(None),
        false => encode(words).map(Some),
    }
}

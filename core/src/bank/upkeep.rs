//! Fitting slots among each other, and making room: each call touches one memory, or two that become
//! one.

use super::Bank;
use crate::embedding::Embedding;
use crate::retention;
use crate::slot::{Key, Owner, Timestamp};
use crate::write::{Emphasis, Fit, FitReport, FitWeights, Rivals};

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize> Bank<SLOTS, TEXT, TERMS> {
    /// The words that tell a memory from its rivals, to be encoded for [`Bank::fit`]; empty if it has
    /// none. `embedding` is that of its text. `None` if there is no such memory.
    pub fn emphasis(&self, key: Key, embedding: &Embedding) -> Option<Emphasis> {
        let text = self.get(key)?.text;
        Some(self.rivals(key, embedding)?.emphasis(text))
    }

    /// Begins to fit a memory's vector among its rivals, from its text's embedding and that of the
    /// words of [`Bank::emphasis`]. The bank changes when [`Bank::settle`] gets the result.
    pub fn begin_fit(
        &self,
        key: Key,
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
        weights: FitWeights,
    ) -> Option<Fit> {
        let rivals = self.rivals(key, embedding)?;
        Some(Fit::begin(embedding, emphasis, &rivals, weights))
    }

    /// All steps of a fit, and the result stored. No other memory changes.
    pub fn fit(
        &mut self,
        key: Key,
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
    ) -> Option<FitReport> {
        let fit = self.begin_fit(key, embedding, emphasis, FitWeights::default())?;
        let (vector, report) = fit.run();
        self.settle(key, &vector);
        Some(report)
    }

    /// Stores the vector of a fit; says whether the memory is there.
    pub fn settle(&mut self, key: Key, vector: &Embedding) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            self.slots[at].embedding = *vector;
            self.slots[at].squared_norm = vector.squared_norm();
        }
        at.is_some()
    }

    fn rivals(&self, key: Key, embedding: &Embedding) -> Option<Rivals<'_>> {
        let owner = self.get(key)?.facts.owner;
        let others = self.owned_by(Some(owner));
        let others = others.filter(|slot| slot.facts.key != key);
        Some(Rivals::of(embedding, others))
    }

    /// Merges into `key` the oldest memory that it [repeats](retention::repeats), and forgets that
    /// one; returns its key if there is one.
    pub fn merge_repeated(&mut self, key: Key, now: Timestamp) -> Option<Key> {
        let newer = self.get(key)?;
        let older = {
            let mut others = self.owned_by(Some(newer.facts.owner));
            let older = others.find(|&older| retention::repeats(newer, older))?;
            *older.facts
        };
        self.change(key, |facts| retention::merge(facts, &older));
        self.forget(older.key, now);
        Some(older.key)
    }

    /// Forgets the memory of least retention, of an owner or of all; returns its key.
    pub fn remove_least(&mut self, owner: Option<Owner>, now: Timestamp) -> Option<Key> {
        let key = retention::least_retained(self.owned_by(owner), now)?;
        self.forget(key, now);
        Some(key)
    }
}

//! Rehearsal, fitting and compaction of a store: each call is one batch. Since each step depends on the
//! one before, memory changes first, and is changed back if the batch fails.

use super::Store;
use super::error::StoreError;
use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::bank::Deletion;
use memt_core::embedding::Embedding;
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::{Facts, Key, Owner, Timestamp};
use memt_core::write::{FitReport, FitWeights, Learn, Learned};

/// A memory that was fitted among its rivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Which one.
    pub key: Key,
    /// What came of it.
    pub report: FitReport,
}

/// What a compaction did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compaction {
    /// Memories that said again what an older one had said, each with the older one that is gone.
    pub merged: Vec<(Key, Key)>,
    /// Memories that were removed for lack of room, the least retained first.
    pub removed: Vec<Key>,
}

impl Store {
    /// Fits memories that were just written, one after the other, each with its nearest rival; keys
    /// that are not there are left out. What came of each, in that order.
    pub fn learn(
        &mut self,
        keys: &[Key],
        encoder: &TextEncoder<'_>,
    ) -> Result<Vec<(Key, Learned)>, StoreError> {
        let mut all = Vec::with_capacity(keys.len());
        self.refit(keys, |bank, key| {
            let learned =
                bank.learn(key, FitWeights::default(), |text| encoder.encode_one(text))?;
            let Some(Learned { fit, rival }) = learned else {
                return Ok(Vec::new());
            };
            all.push((key, Learned { fit, rival }));
            Ok([(key, fit)].into_iter().chain(rival).collect())
        })?;
        Ok(all)
    }

    /// Rehearses memories: strengthens each and fits it anew among what is there now.
    pub fn replay(
        &mut self,
        keys: &[Key],
        encoder: &TextEncoder<'_>,
        now: Timestamp,
    ) -> Result<Vec<Fitted>, StoreError> {
        self.refit(keys, |bank, key| {
            bank.replay(key, now);
            let report = bank.refit(key, FitWeights::default(), |text| encoder.encode_one(text))?;
            Ok(report.map(|report| (key, report)).into_iter().collect())
        })
    }

    fn refit(
        &mut self,
        keys: &[Key],
        mut change: impl FnMut(&mut Bank, Key) -> Result<Vec<(Key, FitReport)>, ScratchTooSmall>,
    ) -> Result<Vec<Fitted>, StoreError> {
        let mut before = Vec::new();
        let mut fitted = Vec::new();
        let mut failed = None;
        for &key in keys {
            let concerned: Vec<Key> = [key].into_iter().chain(self.nearest_rival(key)).collect();
            before.extend(self.remembered(&concerned));
            match change(&mut self.bank, key) {
                Ok(reports) => fitted.extend(
                    reports
                        .into_iter()
                        .map(|(key, report)| Fitted { key, report }),
                ),
                Err(error) => failed = Some(StoreError::Scratch(error)),
            }
        }
        let changed: Vec<Key> = fitted.iter().map(|one| one.key).collect();
        let stored = match failed {
            Some(error) => Err(error),
            None => self.store_changed(&changed, &[]),
        };
        // The first state of each is the one to go back to.
        before.reverse();
        self.or_restore(stored, before, Vec::new())?;
        Ok(fitted)
    }

    /// The memory that a fit of `key` may change besides.
    fn nearest_rival(&self, key: Key) -> Option<Key> {
        let embedding = self.bank.get(key)?.embedding;
        let rivals = self.bank.rivals(key, embedding)?;
        let nearest = rivals.iter().next()?;
        Some(nearest.facts.key)
    }

    /// Facts and vectors of memories, to be given back to them.
    fn remembered(&self, keys: &[Key]) -> Vec<(Facts, Embedding)> {
        let slots = keys.iter().filter_map(|&key| self.bank.get(key));
        slots.map(|slot| (*slot.facts, *slot.embedding)).collect()
    }

    fn store_changed(
        &mut self,
        keys: &[Key],
        gone: &[(Owner, Deletion)],
    ) -> Result<(), StoreError> {
        let mut changes = self.changes();
        self.put_all(&mut changes, keys)?;
        for &(owner, deletion) in gone {
            changes.deletion(owner, deletion)?;
        }
        self.commit(changes, self.bank.next_counter())
    }

    /// Passes on what came of a batch; if it failed, memory is as it was.
    fn or_restore(
        &mut self,
        stored: Result<(), StoreError>,
        before: Vec<(Facts, Embedding)>,
        taken: Vec<OwnedSlot>,
    ) -> Result<(), StoreError> {
        if stored.is_err() {
            for slot in taken {
                self.bank.import(slot);
            }
            for (facts, embedding) in before {
                self.bank.restore(facts, &embedding);
            }
        }
        stored
    }

    /// Merges memories of an owner, or of all, into newer ones that repeat them; then, if more than
    /// `keep` are left, removes the least retained.
    pub fn compact(
        &mut self,
        owner: Option<Owner>,
        keep: Option<usize>,
        now: Timestamp,
    ) -> Result<Compaction, StoreError> {
        let mut done = Compaction::default();
        let (mut before, mut taken) = (Vec::new(), Vec::new());
        for (key, older) in self.bank.repeated(owner) {
            before.extend(self.remembered(&[key]));
            taken.extend(self.bank.merge_into(key, older));
            done.merged.push((key, older));
        }
        if let Some(keep) = keep {
            done.removed = self.bank.least_retained(owner, keep, now);
            let removed = done.removed.iter();
            taken.extend(removed.filter_map(|&key| self.bank.take(key)));
        }
        let gone = taken.iter().map(|slot| {
            let key = slot.facts.key;
            (slot.facts.owner, Deletion { key, time: now })
        });
        let gone: Vec<(Owner, Deletion)> = gone.collect();
        let survivors: Vec<Key> = done.merged.iter().map(|merged| merged.0).collect();
        let stored = self.store_changed(&survivors, &gone);
        // The first state of each is the one to go back to.
        before.reverse();
        self.or_restore(stored, before, taken)?;
        for (_, deletion) in gone {
            self.names.forget_id(deletion.key);
            self.bank.import_deletion(deletion);
        }
        Ok(done)
    }
}

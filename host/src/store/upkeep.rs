//! Rehearsal, fitting and compaction of a bank file: each call is one transaction.

use super::Store;
use super::error::StoreError;
use super::tables::{MEMORIES, pack};
use super::write::{delete, encoded, record};
use crate::bank::Bank;
use crate::model::TextEncoder;
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::write::FitReport;

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
    /// Fits memories among their rivals, one after the other; keys that are not there are left out.
    pub fn fit(
        &mut self,
        keys: &[Key],
        encoder: &TextEncoder<'_>,
    ) -> Result<Vec<Fitted>, StoreError> {
        self.refit(keys, encoder, |_, _| {})
    }

    /// Rehearses memories: strengthens each and fits it anew among what is there now.
    pub fn replay(
        &mut self,
        keys: &[Key],
        encoder: &TextEncoder<'_>,
        now: Timestamp,
    ) -> Result<Vec<Fitted>, StoreError> {
        self.refit(keys, encoder, |bank, key| {
            bank.replay(key, now);
        })
    }

    fn refit(
        &mut self,
        keys: &[Key],
        encoder: &TextEncoder<'_>,
        change: impl Fn(&mut Bank, Key),
    ) -> Result<Vec<Fitted>, StoreError> {
        let mut bank = self.bank.clone();
        let mut fitted = Vec::new();
        for &key in keys {
            change(&mut bank, key);
            let report = fit(&mut bank, key, encoder).map_err(StoreError::Scratch)?;
            fitted.extend(report.map(|report| Fitted { key, report }));
        }
        self.commit(|writing| {
            let mut memories = writing.open_table(MEMORIES)?;
            for record in keys.iter().filter_map(|&key| record(&bank, key)) {
                memories.insert(pack(record.facts.key), encoded(&record)?.as_slice())?;
            }
            Ok(())
        })?;
        self.bank = bank;
        Ok(fitted)
    }

    /// Merges memories of an owner, or of all, into newer ones that repeat them; then, if more than
    /// `keep` are left, removes the least retained.
    pub fn compact(
        &mut self,
        owner: Option<Owner>,
        keep: Option<usize>,
        now: Timestamp,
    ) -> Result<Compaction, StoreError> {
        let mut bank = self.bank.clone();
        let mut done = Compaction::default();
        for key in bank.keys_of(owner) {
            while let Some(older) = bank.merge_repeated(key, now) {
                done.merged.push((key, older));
            }
        }
        let mut left = bank.keys_of(owner).len();
        while keep.is_some_and(|keep| left > keep) {
            let Some(key) = bank.remove_least(owner, now) else {
                break;
            };
            done.removed.push(key);
            left -= 1;
        }
        let survivors = done.merged.iter().map(|&(survivor, _)| survivor);
        let gone = done.merged.iter().map(|&(_, older)| older);
        let gone: Vec<Key> = gone.chain(done.removed.iter().copied()).collect();
        let owner_of = |key| self.bank.get(key).map(|slot| slot.facts.owner);
        let owners: Vec<(Key, Owner)> = gone
            .iter()
            .filter_map(|&key| Some((key, owner_of(key)?)))
            .collect();
        self.commit(|writing| {
            let mut memories = writing.open_table(MEMORIES)?;
            for record in survivors.filter_map(|key| record(&bank, key)) {
                memories.insert(pack(record.facts.key), encoded(&record)?.as_slice())?;
            }
            drop(memories);
            for &(key, owner) in &owners {
                let id = self.names.external_id(key);
                delete(writing, key, id.map(|id| (owner, id)), now)?;
            }
            Ok(())
        })?;
        for (key, owner) in owners {
            self.names.forget_id(owner, key);
        }
        self.bank = bank;
        Ok(done)
    }
}

/// Fits a memory of `bank` among its rivals; `None` if there is no such memory.
fn fit(
    bank: &mut Bank,
    key: Key,
    encoder: &TextEncoder<'_>,
) -> Result<Option<FitReport>, ScratchTooSmall> {
    let Some(slot) = bank.get(key) else {
        return Ok(None);
    };
    let embedding = encoder.encode_one(slot.text)?;
    let words = bank.emphasis(key, &embedding).unwrap_or_default();
    let emphasis = match words.is_empty() {
        true => None,
        false => Some(encoder.encode_one(&words)?),
    };
    Ok(bank.fit(key, &embedding, emphasis.as_ref()))
}

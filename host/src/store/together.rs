//! Changes in two steps, so that readers need not wait for the disk.
//!
//! A service shares its store between threads behind a lock. One thread makes all changes: it
//! makes them durable while others read ([`Store::make_durable`]), and then keeps everybody out for as
//! long as it takes to change memory ([`Store::take_in`]).

use super::Store;
use super::error::StoreError;
use super::storage::Base;
use super::write::{NewEntry, Planned};
use crate::bank::{judgements_on, put_judgement};
use crate::model::TextEncoder;
use memt_core::bank::Deletion;
use memt_core::feedback::Judgement;
use memt_core::slot::{Key, Owner, Timestamp};
use memt_core::write::{FitWeights, Learn, Learned};
use std::collections::{BTreeMap, BTreeSet};

/// What is judged of the memories of some owners.
type JudgedByOwner = BTreeMap<Owner, Vec<Judgement>>;

/// Changes to be made all at once or not at all.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Memories to add. One whose external id is in use takes the place of the one that has it.
    pub add: Vec<NewEntry>,
    /// Memories to forget; those that are not there are left out.
    pub forget: Vec<Deletion>,
    /// Notes to set, or to remove.
    pub notes: Vec<(u64, Option<Vec<u8>>)>,
    /// What was judged; one that weighs nothing takes back what was judged of the same memory and question.
    /// Those of memories that are not there are left out.
    pub judge: Vec<Judgement>,
    /// Memories of which everything that was judged is taken back.
    pub take_back: Vec<Key>,
}

impl Change {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.add.is_empty()
            && self.forget.is_empty()
            && self.notes.is_empty()
            && self.judge.is_empty()
            && self.take_back.is_empty()
    }
}

/// Changes that are on disk and not yet in memory.
#[derive(Debug)]
#[must_use = "memory has to take in what is on disk"]
pub struct Durable {
    planned: Vec<Planned>,
    forgotten: Vec<Deletion>,
    notes: Vec<(u64, Option<Vec<u8>>)>,
    stored: Vec<Key>,
    judged: JudgedByOwner,
    base: Option<Base>,
}

impl Store {
    /// Makes changes durable, and with them what [`fit_later`](Self::fit_later) and
    /// [`record_access_later`](Self::record_access_later) have left. Nothing else may change the store
    /// until it has taken in what is returned.
    pub fn make_durable(&self, change: Change) -> Result<Durable, StoreError> {
        let planned = self.plan(change.add)?;
        let mut forgotten = change.forget;
        forgotten.retain(|deletion| self.bank.get(deletion.key).is_some());
        let gone = |key: &Key| {
            let replaced = planned.iter().any(|plan| plan.replaced == Some(*key));
            replaced || forgotten.iter().any(|deletion| deletion.key == *key)
        };
        let stored: Vec<Key> = self
            .dirty
            .iter()
            .copied()
            .filter(|key| !gone(key))
            .collect();
        let (judged, concerned) = self.judged_after(&change.judge, &change.take_back);
        let mut changes = self.changes();
        self.put_all(&mut changes, &stored)?;
        for (owner, key) in concerned.into_iter().filter(|(_, key)| !gone(key)) {
            if let Some((slot, metadata)) = self.bank.whole(key) {
                let id = self.names.external_id(key);
                let of_owner = judged.get(&owner).map_or(&[][..], Vec::as_slice);
                changes.memory(slot, metadata, id, judgements_on(of_owner, key))?;
            }
        }
        let next = self.put_planned(&mut changes, &planned)?;
        for &deletion in &forgotten {
            if let Some(owner) = self.owner_of(deletion.key) {
                changes.deletion(owner, deletion)?;
            }
        }
        for (number, bytes) in &change.notes {
            changes.note(*number, bytes.as_deref())?;
        }
        let base = self.put_down(changes, next)?;
        Ok(Durable {
            planned,
            forgotten,
            notes: change.notes,
            stored,
            judged,
            base,
        })
    }

    /// What will be judged of the memories of the owners concerned, and which memories it concerns.
    fn judged_after(
        &self,
        judge: &[Judgement],
        take_back: &[Key],
    ) -> (JudgedByOwner, BTreeSet<(Owner, Key)>) {
        let mut judged = JudgedByOwner::new();
        let mut concerned = BTreeSet::new();
        let mut of_owner =
            |key: Key, change: &mut dyn FnMut(&mut Vec<Judgement>) -> Option<Key>| {
                let Some(owner) = self.owner_of(key) else {
                    return;
                };
                let judged = judged
                    .entry(owner)
                    .or_insert_with(|| self.bank.judgements_of(owner).to_vec());
                let also = change(judged);
                concerned.extend([key].into_iter().chain(also).map(|key| (owner, key)));
            };
        for &key in take_back {
            of_owner(key, &mut |judged| {
                judged.retain(|kept| kept.key != key);
                None
            });
        }
        for &judgement in judge {
            of_owner(judgement.key, &mut |judged| {
                put_judgement(judged, judgement).map(|gone| gone.key)
            });
        }
        (judged, concerned)
    }

    /// Takes in what is durable; the keys of the new memories, in their order.
    pub fn take_in(&mut self, durable: Durable) -> Vec<Key> {
        self.count_change(durable.base.as_ref());
        for key in durable.stored {
            self.dirty.remove(&key);
        }
        for (owner, judged) in durable.judged {
            self.bank.set_judgements(owner, judged);
        }
        let keys = durable.planned.into_iter().map(|plan| {
            let key = plan.slot.facts.key;
            self.keep(plan);
            key
        });
        let keys = keys.collect();
        for Deletion { key, time } in durable.forgotten {
            self.names.forget_id(key);
            self.bank.forget(key, time);
        }
        for (number, bytes) in durable.notes {
            self.keep_note(number, bytes.unwrap_or_default().into());
        }
        keys
    }

    /// Whether there is a memory that this one could be mistaken for.
    pub fn has_rivals(&self, key: Key) -> bool {
        let memory = self.bank.get(key);
        let rivals = memory.and_then(|memory| self.bank.rivals(key, memory.embedding));
        rivals.is_some_and(|rivals| !rivals.is_empty())
    }

    /// As [`learn`](Self::learn), in memory at once and on disk with the next change: the memories
    /// themselves are durable already, and a crash only costs them what was fitted. `None` if the memory
    /// is not there any more.
    pub fn fit_later(
        &mut self,
        key: Key,
        encoder: &TextEncoder<'_>,
    ) -> Result<Option<Learned>, StoreError> {
        let encode = |text: &str| encoder.encode_one(text);
        let learned = self.bank.learn(key, FitWeights::default(), encode);
        let learned = learned.map_err(StoreError::Scratch)?;
        if let Some(Learned { rival, .. }) = learned {
            self.dirty.insert(key);
            self.dirty.extend(rival.map(|(rival, _)| rival));
        }
        Ok(learned)
    }

    /// As [`record_access`](Self::record_access), in memory at once and on disk with the next change.
    pub fn record_access_later(&mut self, key: Key, now: Timestamp) {
        if self.bank.record_access(key, now) {
            self.dirty.insert(key);
        }
    }

    /// Whether [`make_durable`](Self::make_durable) has something to store even without changes.
    pub fn has_unstored(&self) -> bool {
        !self.dirty.is_empty()
    }
}

//! A bank of fixed size: the memory of a device.

use crate::embedding::{Embedding, Root};
use crate::encoder::Fingerprint;
use crate::overlap::{Signature, Statistics, TooManyTerms, question_terms};
use crate::query::{Hit, QueryOptions, rank};
use crate::retention;
use crate::score::Question;
use crate::slot::{Factor, Facts, Key, Owner, Slot, SlotView, Timestamp};
use crate::text::Words;
use crate::write::{NewMemory, WhenFull, WriteReport, verify};
use heapless::{Deque, String, Vec};
use serde::{Deserialize, Serialize};

/// Deletions that a bank remembers, so that a later merge does not bring the memories back.
pub const MAX_DELETIONS: usize = 32;

/// A memory that was forgotten on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// Which one.
    pub key: Key,
    /// When.
    pub time: Timestamp,
}

/// Up to `SLOTS` memories of up to `TEXT` bytes and `TERMS` distinct terms each.
///
/// All state is in the value and a new bank is all zero bytes, so a `static` one lies in `.bss`.
/// Slots are ordered from old to new.
#[derive(Debug)]
pub struct Bank<const SLOTS: usize, const TEXT: usize, const TERMS: usize> {
    slots: Vec<Slot<TEXT, TERMS>, SLOTS>,
    deletions: Deque<Deletion, MAX_DELETIONS>,
    lost_deletions: u32,
    fingerprint: Option<Fingerprint>,
    origin: u32,
    next_counter: u32,
}

/// Why a memory was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// The text has no words.
    EmptyText,
    /// The text does not fit a slot.
    TextTooLong {
        /// Bytes of the text.
        bytes: usize,
        /// Bytes that fit.
        capacity: usize,
    },
    /// The text's terms do not fit a slot.
    TooManyTerms(TooManyTerms),
    /// Every slot is taken and nothing may be evicted.
    Full {
        /// Slots of the bank.
        capacity: usize,
    },
    /// [`Bank::bind`] has not been called.
    Unbound,
    /// The bank has given every key of its origin.
    KeysExhausted,
}

impl core::fmt::Display for AddError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::EmptyText => formatter.write_str("text has no words"),
            Self::TextTooLong { bytes, capacity } => {
                write!(formatter, "text has {bytes} bytes, a slot holds {capacity}")
            }
            Self::TooManyTerms(error) => error.fmt(formatter),
            Self::Full { capacity } => {
                write!(
                    formatter,
                    "all {capacity} slots are taken; forget something or allow eviction"
                )
            }
            Self::Unbound => formatter.write_str("the bank is not bound to a model yet"),
            Self::KeysExhausted => {
                formatter.write_str("the bank has no keys left; give it a new origin")
            }
        }
    }
}

impl core::error::Error for AddError {}

/// Why a question was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// The question has no words.
    EmptyText,
    /// The question has more terms than a query can hold.
    TooManyTerms(TooManyTerms),
}

impl core::fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::EmptyText => formatter.write_str("question has no words"),
            Self::TooManyTerms(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for QueryError {}

/// A bank and a model of different embedding spaces; re-encode the texts to change the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherModel {
    /// What the bank holds.
    pub bank: Fingerprint,
    /// What was offered.
    pub offered: Fingerprint,
}

impl core::fmt::Display for OtherModel {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { bank, offered } = self;
        write!(
            formatter,
            "bank holds embeddings of model {bank}, not of {offered}; encode its texts anew to change the model"
        )
    }
}

impl core::error::Error for OtherModel {}

/// Counts over a bank or one owner's part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankStatistics {
    /// Memories.
    pub memories: usize,
    /// Bytes of their texts.
    pub text_bytes: usize,
    /// Sum of their access counts.
    pub accesses: u64,
    /// The oldest memory's time.
    pub oldest: Option<Timestamp>,
    /// The newest memory's time.
    pub newest: Option<Timestamp>,
}

impl BankStatistics {
    /// Counts one memory.
    pub fn observe(&mut self, slot: SlotView<'_>) {
        let created = slot.facts.created;
        self.memories += 1;
        self.text_bytes += slot.text.len();
        self.accesses += u64::from(slot.facts.accesses);
        self.oldest = Some(self.oldest.map_or(created, |oldest| oldest.min(created)));
        self.newest = Some(self.newest.map_or(created, |newest| newest.max(created)));
    }
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize> Bank<SLOTS, TEXT, TERMS> {
    /// A bank without memories.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            deletions: Deque::new(),
            lost_deletions: 0,
            fingerprint: None,
            origin: 0,
            next_counter: 0,
        }
    }

    /// Sets the origin of keys that this bank gives: a number that no other bank has.
    pub fn set_origin(&mut self, origin: u32) {
        if origin != self.origin {
            self.origin = origin;
            self.next_counter = 0;
            self.skip_used_keys();
        }
    }

    /// The origin of this bank's keys.
    pub fn origin(&self) -> u32 {
        self.origin
    }

    /// Declares the model of the embeddings to come. A bank with memories keeps its model.
    pub fn bind(&mut self, fingerprint: Fingerprint) -> Result<(), OtherModel> {
        match self.fingerprint {
            Some(bank) if bank != fingerprint && !self.slots.is_empty() => Err(OtherModel {
                bank,
                offered: fingerprint,
            }),
            _ => {
                self.fingerprint = Some(fingerprint);
                Ok(())
            }
        }
    }

    /// The model of the embeddings, once bound.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// Writes a memory. Nothing changes when it is refused.
    pub fn add(
        &mut self,
        memory: &NewMemory<'_>,
        when_full: WhenFull,
    ) -> Result<WriteReport, AddError> {
        let mut slot = self.prepare(memory)?;
        let evicted = self.make_room(memory.created, when_full)?;
        slot.facts.key = self.give_key()?;
        let key = slot.facts.key;
        let others = self.owned_by(Some(memory.owner));
        let verification = verify(memory.embedding, &slot.embedding, others);
        self.insert(slot)?;
        Ok(WriteReport {
            key,
            verification,
            evicted,
        })
    }

    fn prepare(&self, memory: &NewMemory<'_>) -> Result<Slot<TEXT, TERMS>, AddError> {
        if self.fingerprint.is_none() {
            return Err(AddError::Unbound);
        }
        if self.next_counter == u32::MAX {
            return Err(AddError::KeysExhausted);
        }
        if Words::of(memory.text).next().is_none() {
            return Err(AddError::EmptyText);
        }
        let too_long = AddError::TextTooLong {
            bytes: memory.text.len(),
            capacity: TEXT,
        };
        Ok(Slot {
            facts: Facts {
                key: Key::default(),
                owner: memory.owner,
                created: memory.created,
                accessed: memory.created,
                accesses: 0,
                strength: Factor::ONE,
                importance: memory.importance,
            },
            text: String::try_from(memory.text).map_err(|_| too_long)?,
            embedding: *memory.embedding,
            squared_norm: memory.embedding.squared_norm(),
            signature: Signature::of(memory.text).map_err(AddError::TooManyTerms)?,
        })
    }

    fn make_room(&mut self, now: Timestamp, when_full: WhenFull) -> Result<Option<Key>, AddError> {
        if self.slots.len() < SLOTS {
            return Ok(None);
        }
        let full = AddError::Full { capacity: SLOTS };
        match when_full {
            WhenFull::Refuse => Err(full),
            WhenFull::Evict => {
                let least = self.least_retained(now).ok_or(full)?;
                Ok(Some(self.slots.remove(least).facts.key))
            }
        }
    }

    fn least_retained(&self, now: Timestamp) -> Option<usize> {
        let retentions = self
            .slots
            .iter()
            .map(|slot| retention::retention(&slot.facts, now));
        retentions
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(index, _)| index)
    }

    fn give_key(&mut self) -> Result<Key, AddError> {
        let counter = self.next_counter;
        self.next_counter = counter.checked_add(1).ok_or(AddError::KeysExhausted)?;
        Ok(Key {
            origin: self.origin,
            counter,
        })
    }

    /// Puts a slot in its place by age.
    fn insert(&mut self, slot: Slot<TEXT, TERMS>) -> Result<(), AddError> {
        let order = slot.view().age_order();
        let at = self
            .slots
            .partition_point(|other| other.view().age_order() < order);
        self.slots
            .insert(at, slot)
            .map_err(|_| AddError::Full { capacity: SLOTS })
    }

    fn skip_used_keys(&mut self) {
        let used = self.slots.iter().map(|slot| slot.facts.key);
        let used = used.chain(self.deletions.iter().map(|deletion| deletion.key));
        for key in used.filter(|key| key.origin == self.origin) {
            self.next_counter = self.next_counter.max(key.counter.saturating_add(1));
        }
    }

    /// The best memories for a question, best first, in `hits`; returns how many.
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        hits: &mut [Hit],
    ) -> Result<usize, QueryError> {
        if Words::of(text).next().is_none() {
            return Err(QueryError::EmptyText);
        }
        let mut terms = question_terms::<TERMS>(text).map_err(QueryError::TooManyTerms)?;
        let mut statistics = Statistics::default();
        for slot in self.owned_by(options.owner) {
            statistics.observe(slot.terms, &mut terms);
        }
        statistics.weigh(&mut terms);
        let question = Question {
            embedding,
            root: Root::of(embedding.squared_norm()),
            terms: &terms,
            mean_length: statistics.mean_length(),
            mode: options.mode,
            recency: options.recency,
        };
        let candidates = self
            .owned_by(options.owner)
            .map(|slot| Hit::new(slot, question.score(slot)));
        Ok(rank(candidates, options, hits))
    }

    /// The memories of an owner, or of all, old to new.
    pub fn owned_by(&self, owner: Option<Owner>) -> impl Iterator<Item = SlotView<'_>> {
        self.slots
            .iter()
            .filter(move |slot| owner.is_none_or(|owner| slot.facts.owner == owner))
            .map(Slot::view)
    }

    /// The memory of this name.
    pub fn get(&self, key: Key) -> Option<SlotView<'_>> {
        self.position(key).map(|at| self.slots[at].view())
    }

    fn position(&self, key: Key) -> Option<usize> {
        self.slots.iter().position(|slot| slot.facts.key == key)
    }

    /// Notes that a memory was read; says whether it is there.
    pub fn record_access(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::record_access(facts, now))
    }

    /// Rehearses a memory; says whether it is there.
    pub fn replay(&mut self, key: Key, now: Timestamp) -> bool {
        self.change(key, |facts| retention::replay(facts, now))
    }

    fn change(&mut self, key: Key, change: impl FnOnce(&mut Facts)) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            change(&mut self.slots[at].facts);
        }
        at.is_some()
    }

    /// Forgets a memory; says whether it was there.
    pub fn forget(&mut self, key: Key, now: Timestamp) -> bool {
        let at = self.position(key);
        if let Some(at) = at {
            self.slots.remove(at);
            self.remember_deletion(Deletion { key, time: now });
        }
        at.is_some()
    }

    /// Forgets every memory of an owner, or all; returns how many.
    pub fn forget_all(&mut self, owner: Option<Owner>, now: Timestamp) -> usize {
        let before = self.slots.len();
        let mut at = 0;
        while at < self.slots.len() {
            let facts = self.slots[at].facts;
            if owner.is_none_or(|owner| facts.owner == owner) {
                self.slots.remove(at);
                self.remember_deletion(Deletion {
                    key: facts.key,
                    time: now,
                });
            } else {
                at += 1;
            }
        }
        before - self.slots.len()
    }

    fn remember_deletion(&mut self, deletion: Deletion) {
        if self.deletions.is_full() {
            self.deletions.pop_front();
            self.lost_deletions = self.lost_deletions.saturating_add(1);
        }
        // There is room now, so the deletion is never handed back.
        let _ = self.deletions.push_back(deletion);
    }

    /// The latest deletions, old to new.
    pub fn deletions(&self) -> impl Iterator<Item = Deletion> + '_ {
        self.deletions.iter().copied()
    }

    /// Deletions that were made but are no longer remembered: a merge may bring those memories back.
    pub fn lost_deletions(&self) -> u32 {
        self.lost_deletions
    }

    /// Takes in a memory from elsewhere under its own key; says whether it was new.
    pub fn import(&mut self, slot: Slot<TEXT, TERMS>) -> Result<bool, AddError> {
        let key = slot.facts.key;
        let forgotten = self.deletions.iter().any(|deletion| deletion.key == key);
        if forgotten || self.position(key).is_some() {
            return Ok(false);
        }
        if self.slots.is_full() {
            return Err(AddError::Full { capacity: SLOTS });
        }
        self.insert(slot)?;
        self.skip_used_keys();
        Ok(true)
    }

    /// Takes in a deletion from elsewhere: the memory goes if it was written no later.
    pub fn import_deletion(&mut self, deletion: Deletion) {
        let known = self.deletions.iter().any(|other| other.key == deletion.key);
        match self.position(deletion.key) {
            Some(at) if self.slots[at].facts.created <= deletion.time => {
                self.slots.remove(at);
            }
            Some(_) => return,
            None => {}
        }
        if !known {
            self.remember_deletion(deletion);
        }
        self.skip_used_keys();
    }

    /// Memories in the bank.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Most memories the bank can hold.
    pub const fn capacity(&self) -> usize {
        SLOTS
    }

    /// Counts over an owner's memories, or over all.
    pub fn statistics(&self, owner: Option<Owner>) -> BankStatistics {
        let mut statistics = BankStatistics::default();
        self.owned_by(owner)
            .for_each(|slot| statistics.observe(slot));
        statistics
    }
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize> Default
    for Bank<SLOTS, TEXT, TERMS>
{
    fn default() -> Self {
        Self::new()
    }
}

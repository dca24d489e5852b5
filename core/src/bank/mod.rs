//! A bank of fixed size: the memory of a device.

mod error;
mod forget;
mod judge;
mod restore;
mod statistics;
mod transfer;
mod upkeep;

pub use error::{AddError, JudgeError, OtherModel, QueryError};
pub use judge::Judged;
pub use restore::Restoration;
pub use statistics::BankStatistics;

use crate::embedding::Embedding;
use crate::encoder::Fingerprint;
use crate::feedback::Judgements;
use crate::overlap::{Signature, question_terms};
use crate::query::{Hit, QueryOptions, rank};
use crate::retention;
use crate::score::Question;
use crate::slot::{Factor, Facts, Key, Owner, Slot, SlotView, Timestamp};
use crate::survey::Survey;
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

/// Up to `SLOTS` memories of up to `TEXT` bytes and `TERMS` distinct terms each, and up to `JUDGED` questions
/// whose answers were judged, of 144 bytes each.
///
/// All state is in the value and a new bank is all zero bytes, so a `static` one lies in `.bss`.
/// Slots are ordered from old to new.
#[derive(Debug)]
pub struct Bank<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize = 0>
{
    slots: Vec<Slot<TEXT, TERMS>, SLOTS>,
    judgements: Judgements<JUDGED>,
    deletions: Deque<Deletion, MAX_DELETIONS>,
    lost_deletions: u32,
    fingerprint: Option<Fingerprint>,
    origin: u32,
    next_counter: u32,
}

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize>
    Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    /// A bank without memories.
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            judgements: Judgements::new(),
            deletions: Deque::new(),
            lost_deletions: 0,
            fingerprint: None,
            origin: 0,
            next_counter: 0,
        }
    }

    /// Sets the origin of keys that this bank gives: a number that no other bank has, nor this one
    /// had before.
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

    /// Binds a bank whose embeddings will all be replaced: see [`reencode`](Self::reencode). Judged
    /// questions of another model mean nothing any more, and go.
    pub fn rebind(&mut self, fingerprint: Fingerprint) {
        if self.fingerprint != Some(fingerprint) {
            self.judgements.remove(|_| true);
        }
        self.fingerprint = Some(fingerprint);
    }

    /// The model of the embeddings, once bound.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// Writes a memory. Nothing changes when it is refused.
    ///
    /// It is read back, and fitted where others say nearly the same, in one pass over the slots or more: the work
    /// grows with their number. With 256 slots it stays below a million instructions on a Cortex-M4F, which
    /// a test in QEMU holds it to; a larger bank takes more, and there is no form in steps.
    // Not inlined: a device's stack has no room for the working memory of all parts of a write at once.
    #[inline(never)]
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
                let least = self.least_retained_key(now).ok_or(full)?;
                if let Some(at) = self.position(least) {
                    self.remove(at);
                }
                Ok(Some(least))
            }
        }
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
    ///
    /// Two passes over the slots, so the work grows with their number. With 256 of them it stays below a million
    /// instructions on a Cortex-M4F (encoding aside), which a test in QEMU holds it to; a larger bank takes
    /// more, and there is no form in steps.
    // Not inlined: a device's stack has no room for the working memory of encoding and ranking at once.
    #[inline(never)]
    pub fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        hits: &mut [Hit],
    ) -> Result<usize, QueryError> {
        self.with_question(text, embedding, options, |question| {
            let candidates = self
                .owned_by(options.owner)
                .map(|slot| Hit::new(slot, question.score(slot)));
            rank(candidates, options, hits)
        })
    }

    fn with_question<R>(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        ask: impl FnOnce(&Question<'_>) -> R,
    ) -> Result<R, QueryError> {
        if Words::of(text).next().is_none() {
            return Err(QueryError::EmptyText);
        }
        let mut terms = question_terms::<TERMS>(text).map_err(QueryError::TooManyTerms)?;
        let mut survey = Survey::new();
        for slot in self.owned_by(options.owner) {
            survey.observe(slot, &mut terms);
        }
        let lifts = self.judgements.lifts(embedding);
        let question = survey.question(text, embedding, &mut terms, options);
        Ok(ask(&question.lifted(&lifts)))
    }

    /// Takes out the memory at a position, with what was judged of it.
    fn remove(&mut self, at: usize) {
        let key = self.slots.remove(at).facts.key;
        self.judgements.remove(|judgement| judgement.key == key);
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

    /// Where a memory is, counted from old to new.
    pub fn position(&self, key: Key) -> Option<usize> {
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

    /// Gives the memory at a position, from old to new, the embedding of the model that the bank is
    /// bound to; says whether there is one. For memories that another model has encoded.
    pub fn reencode(&mut self, position: usize, embedding: &Embedding) -> bool {
        let slot = self.slots.get_mut(position);
        slot.map(|slot| {
            slot.embedding = *embedding;
            slot.squared_norm = embedding.squared_norm();
        })
        .is_some()
    }

    /// The memory at a position, from old to new.
    pub fn at(&self, position: usize) -> Option<SlotView<'_>> {
        self.slots.get(position).map(Slot::view)
    }

    /// The least retained memory.
    pub fn least_retained_key(&self, now: Timestamp) -> Option<Key> {
        retention::least_retained(self.owned_by(None), now)
    }

    /// The counter of the next key that this bank gives: none given before is as large.
    pub fn next_counter(&self) -> u32 {
        self.next_counter
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

impl<const SLOTS: usize, const TEXT: usize, const TERMS: usize, const JUDGED: usize> Default
    for Bank<SLOTS, TEXT, TERMS, JUDGED>
{
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedding::DIMENSIONS;

    type SmallBank = Bank<3, 32, 8>;

    fn embedding(seed: i8) -> Embedding {
        let mut embedding = Embedding([1; DIMENSIONS]);
        embedding.0[seed as usize] = 127;
        embedding
    }

    fn bound() -> SmallBank {
        let mut bank = SmallBank::new();
        bank.bind(Fingerprint(7)).unwrap();
        bank
    }

    fn add(bank: &mut SmallBank, text: &str, seed: i8, time: u32) -> Result<WriteReport, AddError> {
        let memory = NewMemory {
            owner: Owner(1),
            text,
            embedding: &embedding(seed),
            created: Timestamp(time),
            importance: Factor::ONE,
        };
        bank.add(&memory, WhenFull::Refuse)
    }

    #[test]
    fn finds_what_was_written() {
        let mut bank = bound();
        let valve = add(&mut bank, "the red valve leaks", 1, 10).unwrap();
        assert!(valve.verification.verified);
        add(&mut bank, "a blue pump hums", 2, 20).unwrap();
        let mut hits = [Hit::default(); 4];
        let options = QueryOptions::of_owner(Owner(1));
        let found = bank.query("red valve leaks", &embedding(1), &options, &mut hits);
        assert_eq!(found, Ok(2));
        assert_eq!(hits[0].key, valve.key);
        assert!(hits[0].score.total >= 0.9 && hits[1].score.total < 0.3);
        let other = QueryOptions::of_owner(Owner(2));
        assert_eq!(bank.query("valve", &embedding(1), &other, &mut hits), Ok(0));
    }

    #[test]
    fn refuses_with_both_numbers_and_changes_nothing() {
        let mut bank = SmallBank::new();
        assert_eq!(add(&mut bank, "valve", 1, 0), Err(AddError::Unbound));
        bank.bind(Fingerprint(7)).unwrap();
        assert_eq!(add(&mut bank, " ...", 1, 0), Err(AddError::EmptyText));
        let long = "x".repeat(33);
        let too_long = AddError::TextTooLong {
            bytes: 33,
            capacity: 32,
        };
        assert_eq!(add(&mut bank, &long, 1, 0), Err(too_long));
        assert!(matches!(
            add(&mut bank, "b c d e f g h j k", 1, 0),
            Err(AddError::TooManyTerms(_))
        ));
        assert!(bank.is_empty());
        assert_eq!(add(&mut bank, "valve", 1, 0).unwrap().key.counter, 0);
        assert!(bank.bind(Fingerprint(8)).is_err());
    }

    #[test]
    fn a_full_bank_refuses_or_evicts_the_least_retained() {
        let mut bank = bound();
        let keys = [30, 10, 20].map(|time| add(&mut bank, "valve", 1, time).unwrap().key);
        assert_eq!(
            add(&mut bank, "pump", 2, 40),
            Err(AddError::Full { capacity: 3 })
        );
        bank.record_access(keys[1], Timestamp(35));
        let memory = NewMemory {
            owner: Owner(1),
            text: "pump",
            embedding: &embedding(2),
            created: Timestamp(40),
            importance: Factor::ONE,
        };
        let report = bank.add(&memory, WhenFull::Evict).unwrap();
        assert_eq!(report.evicted, Some(keys[2]));
        assert_eq!(bank.len(), 3);
    }

    #[test]
    fn forgotten_keys_do_not_come_back() {
        let mut bank = bound();
        let key = add(&mut bank, "valve", 1, 10).unwrap().key;
        let slot = bank.slots[0].clone();
        assert!(bank.forget(key, Timestamp(50)));
        assert!(!bank.forget(key, Timestamp(50)));
        assert_eq!(bank.import(slot), Ok(false));
        assert_ne!(add(&mut bank, "valve", 1, 10).unwrap().key, key);
        assert_eq!(bank.forget_all(Some(Owner(2)), Timestamp(60)), 0);
        assert_eq!(bank.forget_all(None, Timestamp(60)), 1);
        assert_eq!(bank.deletions().count(), 2);
    }

    #[test]
    fn forgotten_deletions_are_counted() {
        let mut bank = bound();
        for time in 0..40 {
            let key = add(&mut bank, "valve", 1, time).unwrap().key;
            bank.forget(key, Timestamp(time));
        }
        assert_eq!(bank.deletions().count(), MAX_DELETIONS);
        assert_eq!(bank.lost_deletions(), 8);
    }
}

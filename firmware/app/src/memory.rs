//! A bank, its encoder and its flash as one: what console and link have in common.

use crate::store::{Places, Store, StoreError, buffer_bytes};
use embedded_storage::nor_flash::NorFlash;
use memt_core::bank::{Bank, Deletion};
use memt_core::encoder::{Encoder, Scratch};
use memt_core::link::{Refusal, Which};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Factor, Key, Owner, SlotView, Timestamp};
use memt_core::snapshot::Record;
use memt_core::write::{FitWeights, Learn, Learned, NewMemory, WhenFull, WriteReport};

/// A memory to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewText<'t> {
    /// Whose it is.
    pub owner: Owner,
    /// The text.
    pub text: &'t str,
    /// When it is written.
    pub created: Timestamp,
    /// How much its writer cares.
    pub importance: Factor,
    /// Whether the least retained memory may go when the bank is full.
    pub evict: bool,
}

/// A bank whose every change is in flash before it is reported.
#[allow(missing_debug_implementations, reason = "the store has none")]
pub struct Memory<
    's,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
> {
    pub(crate) bank: &'s mut Bank<SLOTS, TEXT, TERMS>,
    pub(crate) places: &'s mut Places<SLOTS>,
    pub(crate) scratch: &'s mut Scratch<SCRATCH>,
    pub(crate) store: Store<F>,
    pub(crate) encoder: Encoder<'static>,
    /// Flash has failed: what RAM holds may not be what flash holds, so nothing is changed any more.
    failed: bool,
    /// Changes since the start.
    changes: u32,
}

impl<
    's,
    F: NorFlash,
    const SLOTS: usize,
    const TEXT: usize,
    const TERMS: usize,
    const SCRATCH: usize,
> Memory<'s, F, SLOTS, TEXT, TERMS, SCRATCH>
{
    /// Joins what [`Store::load`] has filled with an encoder; memories that another model has encoded are
    /// encoded anew, each durably before the next.
    pub(crate) fn new(
        bank: &'s mut Bank<SLOTS, TEXT, TERMS>,
        places: &'s mut Places<SLOTS>,
        scratch: &'s mut Scratch<SCRATCH>,
        store: Store<F>,
        encoder: Encoder<'static>,
    ) -> Result<Self, StoreError> {
        let mut memory = Self {
            bank,
            places,
            scratch,
            store,
            encoder,
            failed: false,
            changes: 0,
        };
        while let Some(position) = memory.places.of_other_model() {
            let slot = memory.bank.at(position).ok_or(StoreError::Capacity)?;
            let encoded = memory.encoder.encode(slot.text, memory.scratch);
            let embedding = encoded.map_err(|error| StoreError::Buffer {
                needed: error.needed,
            })?;
            memory.bank.reencode(position, &embedding);
            memory.write_changed(position)?;
        }
        Ok(memory)
    }

    /// Memories, for reading.
    pub fn bank(&self) -> &Bank<SLOTS, TEXT, TERMS> {
        self.bank
    }

    /// Changes with every change of the bank.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Writes a memory, tells it from similar ones and its nearest rival from it.
    pub fn add(&mut self, new: &NewText<'_>) -> Result<WriteReport, Refusal> {
        self.writable()?;
        let embedding = self.encoder.encode(new.text, self.scratch);
        let embedding = embedding.map_err(|_| Refusal::Unsupported)?;
        let memory = NewMemory {
            owner: new.owner,
            text: new.text,
            embedding: &embedding,
            created: new.created,
            importance: new.importance,
        };
        let (when_full, least) = match new.evict {
            true => (WhenFull::Evict, self.bank.least_retained_key(new.created)),
            false => (WhenFull::Refuse, None),
        };
        let least = least.and_then(|key| self.bank.position(key));
        let mut report = self.bank.add(&memory, when_full)?;
        let learned = self.learn(report.key)?;
        if let Some(Learned { fit, .. }) = learned {
            report.verification = fit.verification;
        }
        let evicted = report.evicted.and(least);
        let written = with_buffer::<TEXT, SCRATCH>(self.scratch, |buffer| {
            self.store
                .added(self.bank, self.places, report.key, evicted, buffer)
        });
        self.note(written)?;
        let rival = learned.and_then(|learned| learned.rival);
        let rival = rival.filter(|(_, fit)| fit.steps > 0);
        if let Some(position) = rival.and_then(|(key, _)| self.bank.position(key)) {
            let written = self.write_changed(position);
            self.note(written)?;
        }
        Ok(report)
    }

    /// Fits a new memory and its nearest rival among the others, in RAM.
    fn learn(&mut self, key: Key) -> Result<Option<Learned>, Refusal> {
        let (encoder, scratch) = (&self.encoder, &mut *self.scratch);
        let encode = |text: &str| encoder.encode(text, scratch);
        let learned = self.bank.learn(key, FitWeights::default(), encode);
        learned.map_err(|_| Refusal::Unsupported)
    }

    /// Fits a memory among those that are there now, in RAM.
    fn refit(&mut self, key: Key) -> Result<(), Refusal> {
        let (encoder, scratch) = (&self.encoder, &mut *self.scratch);
        let encode = |text: &str| encoder.encode(text, scratch);
        let refitted = self.bank.refit(key, FitWeights::default(), encode);
        refitted.map(drop).map_err(|_| Refusal::Unsupported)
    }

    /// The best memories for a question, best first, in `hits`; returns how many. They are counted as
    /// read at `read`.
    pub fn query(
        &mut self,
        text: &str,
        options: &QueryOptions,
        read: Option<Timestamp>,
        hits: &mut [Hit],
    ) -> Result<usize, Refusal> {
        let embedding = self.encoder.encode(text, self.scratch);
        let embedding = embedding.map_err(|_| Refusal::Unsupported)?;
        let found = self.bank.query(text, &embedding, options, hits)?;
        if let Some(now) = read {
            for hit in &hits[..found] {
                self.record_access(hit.key, now)?;
            }
        }
        Ok(found)
    }

    /// Counts a memory as read. The count goes to flash whenever it has doubled, so that asking wears
    /// flash little, and with every other change of the memory.
    pub fn record_access(&mut self, key: Key, now: Timestamp) -> Result<(), Refusal> {
        if !self.bank.record_access(key, now) {
            return Ok(());
        }
        let accesses = self.bank.get(key).map_or(0, |slot| slot.facts.accesses);
        match self.bank.position(key) {
            Some(position) if accesses.is_power_of_two() && !self.failed => {
                let written = self.write_changed(position);
                self.note(written)
            }
            _ => Ok(()),
        }
    }

    /// Forgets memories; returns how many. Each is forgotten durably before the next.
    pub fn forget(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal> {
        self.each(which, |memory, position| {
            memory.forget_at(position, now)?;
            Ok(false)
        })
    }

    fn forget_at(&mut self, position: usize, now: Timestamp) -> Result<(), Refusal> {
        self.writable()?;
        let Some(slot) = self.bank.at(position) else {
            return Ok(());
        };
        let facts = *slot.facts;
        // On a clock that was set back the deletion would otherwise seem older than its memory.
        let time = now.max(facts.created).max(facts.accessed);
        self.bank.forget(facts.key, time);
        let deletion = Deletion {
            key: facts.key,
            time,
        };
        self.write_deletion(deletion, Some(position))
    }

    /// Rehearses memories and fits each anew among the others; returns how many. Each is durable before the next.
    pub fn replay(&mut self, which: Which, now: Timestamp) -> Result<u32, Refusal> {
        self.each(which, |memory, position| {
            memory.writable()?;
            if let Some(key) = memory.bank.at(position).map(|slot| slot.facts.key) {
                memory.bank.replay(key, now);
                memory.refit(key)?;
            }
            let written = memory.write_changed(position);
            memory.note(written)?;
            Ok(true)
        })
    }

    /// Forgets the least retained memories until `keep` are left; returns how many went.
    pub fn compact(&mut self, keep: usize, now: Timestamp) -> Result<u32, Refusal> {
        let mut gone = 0;
        while self.bank.len() > keep
            && let Some(key) = self.bank.least_retained_key(now)
            && let Some(position) = self.bank.position(key)
        {
            self.forget_at(position, now)?;
            gone += 1;
        }
        Ok(gone)
    }

    /// Takes in a record from elsewhere; says whether it was new.
    pub fn take(&mut self, record: &Record<'_>) -> Result<bool, Refusal> {
        self.writable()?;
        match record {
            Record::Memory(memory) => {
                let slot = memory.to_slot()?;
                if !self.bank.import(slot)? {
                    return Ok(false);
                }
                let key = memory.facts.key;
                let written = with_buffer::<TEXT, SCRATCH>(self.scratch, |buffer| {
                    self.store.added(self.bank, self.places, key, None, buffer)
                });
                self.note(written)?;
                Ok(true)
            }
            Record::Deletion(deletion) => {
                let known = |bank: &Bank<SLOTS, TEXT, TERMS>| {
                    bank.deletions().any(|other| other.key == deletion.key)
                };
                let before = known(self.bank);
                let position = self.bank.position(deletion.key);
                self.bank.import_deletion(*deletion);
                let new = !before && known(self.bank);
                if new {
                    self.write_deletion(*deletion, position)?;
                }
                Ok(new)
            }
            _ => Err(Refusal::Unsupported),
        }
    }

    /// Does something to each memory in question, which says whether the memory stays.
    fn each(
        &mut self,
        which: Which,
        mut change: impl FnMut(&mut Self, usize) -> Result<bool, Refusal>,
    ) -> Result<u32, Refusal> {
        let mut position = 0;
        let mut count = 0;
        while let Some(slot) = self.bank.at(position) {
            let concerned = concerns(which, slot);
            if concerned {
                count += 1;
            }
            if !concerned || change(self, position)? {
                position += 1;
            }
        }
        Ok(count)
    }

    fn writable(&self) -> Result<(), Refusal> {
        match self.failed {
            true => Err(Refusal::Flash),
            false => Ok(()),
        }
    }

    fn write_changed(&mut self, position: usize) -> Result<(), StoreError> {
        with_buffer::<TEXT, SCRATCH>(self.scratch, |buffer| {
            self.store.changed(self.bank, self.places, position, buffer)
        })
    }

    fn write_deletion(
        &mut self,
        deletion: Deletion,
        position: Option<usize>,
    ) -> Result<(), Refusal> {
        let written = with_buffer::<TEXT, SCRATCH>(self.scratch, |buffer| {
            self.store
                .deleted(self.bank, self.places, deletion, position, buffer)
        });
        self.note(written)
    }

    fn note(&mut self, written: Result<(), StoreError>) -> Result<(), Refusal> {
        self.changes = self.changes.wrapping_add(1);
        written.map_err(|_| {
            self.failed = true;
            Refusal::Flash
        })
    }
}

fn concerns(which: Which, slot: SlotView<'_>) -> bool {
    match which {
        Which::Key(key) => slot.facts.key == key,
        Which::Owner(owner) => slot.facts.owner == owner,
        Which::All => true,
    }
}

/// Lends the front of the scratch to the store; the encoder does not use it meanwhile.
pub(crate) fn with_buffer<const TEXT: usize, const SCRATCH: usize>(
    scratch: &mut Scratch<SCRATCH>,
    work: impl FnOnce(&mut [u8]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let needed = buffer_bytes(TEXT);
    let buffer = scratch.as_mut().take_as_left(needed);
    work(buffer.map_err(|_| StoreError::Buffer { needed })?)
}

//! The two banks behind the pipe.

use crate::bank::{Bank, OwnedSlot};
use crate::model::TextEncoder;
use memt_core::bank::{AddError, Bank as StaticBank, QueryError};
use memt_core::embedding::Embedding;
use memt_core::encoder::{Fingerprint, ScratchTooSmall};
use memt_core::query::{Hit, QueryOptions};
use memt_core::slot::{Key, Timestamp};
use memt_core::write::{FitWeights, Learn, NewMemory, WhenFull};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The bank of a large device.
type DeviceBank = StaticBank<4096, 1024, 384>;

/// There is one, as on a device: it lies in `.bss` and is never moved.
static DEVICE: Mutex<DeviceBank> = Mutex::new(DeviceBank::new());

/// Which bank answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineKind {
    /// The static bank of a device: up to 4096 memories of 1024 bytes and 384 terms
    Core,
    /// The growable bank
    #[default]
    Host,
}

/// A bank in use. Both give the same keys, hits and scores.
#[derive(Debug)]
pub enum Engine {
    /// The device's; held by one session at a time.
    Core(MutexGuard<'static, DeviceBank>),
    /// A growable one.
    Host(Box<Bank>),
}

impl Engine {
    /// An empty bank for embeddings of this model. The device's bank is waited for.
    pub fn start(kind: EngineKind, fingerprint: Fingerprint) -> Self {
        let mut engine = match kind {
            // A session that panicked leaves nothing behind that emptying does not mend.
            EngineKind::Core => Self::Core(DEVICE.lock().unwrap_or_else(PoisonError::into_inner)),
            EngineKind::Host => Self::Host(Box::default()),
        };
        engine.clear(fingerprint);
        engine
    }

    /// Forgets everything, keys given included where the bank can.
    pub(super) fn clear(&mut self, fingerprint: Fingerprint) {
        // An empty bank takes any model.
        let bound = match self {
            Self::Core(bank) => {
                bank.forget_all(None, Timestamp(0));
                bank.bind(fingerprint)
            }
            Self::Host(bank) => {
                **bank = Bank::new();
                bank.bind(fingerprint)
            }
        };
        debug_assert_eq!(bound, Ok(()));
    }

    pub(super) fn add(&mut self, memory: Prepared<'_>) -> Result<Key, AddError> {
        match (self, memory.slot) {
            (Self::Host(bank), Some(slot)) => bank.write(slot),
            (Self::Host(bank), None) => bank.write(OwnedSlot::of(&memory.new, &[])?),
            (Self::Core(bank), _) => bank
                .add(&memory.new, WhenFull::Refuse)
                .map(|report| report.key),
        }
    }

    /// Tells a new memory from similar ones, and its nearest rival from it.
    pub(super) fn learn(
        &mut self,
        key: Key,
        encoder: &TextEncoder<'_>,
    ) -> Result<(), ScratchTooSmall> {
        let encode = |text: &str| encoder.encode_one(text);
        let weights = FitWeights::default();
        match self {
            Self::Core(bank) => bank.learn(key, weights, encode),
            Self::Host(bank) => bank.learn(key, weights, encode),
        }
        .map(drop)
    }

    /// Removes a memory that another one replaces.
    pub(super) fn remove(&mut self, key: Key) {
        match self {
            Self::Core(bank) => drop(bank.forget(key, Timestamp(0))),
            Self::Host(bank) => drop(bank.take(key)),
        }
    }

    pub(super) fn query(
        &self,
        text: &str,
        embedding: &Embedding,
        options: &QueryOptions,
        k: usize,
    ) -> Result<Vec<Hit>, QueryError> {
        match self {
            Self::Core(bank) => {
                let mut hits = vec![Hit::default(); k.min(bank.len())];
                let found = bank.query(text, embedding, options, &mut hits)?;
                hits.truncate(found);
                Ok(hits)
            }
            Self::Host(bank) => bank.query(text, embedding, options, k),
        }
    }

    /// Whether [`Prepared::slot`] is of use.
    pub(super) fn wants_slots(&self) -> bool {
        matches!(self, Self::Host(_))
    }
}

/// A memory ready to be added.
#[derive(Debug)]
pub(super) struct Prepared<'p> {
    /// The memory.
    pub(super) new: NewMemory<'p>,
    /// The same with its terms, made ahead on another thread.
    pub(super) slot: Option<OwnedSlot>,
}

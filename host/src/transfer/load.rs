//! From a file into a store: reading, encoding and storing side by side.

use super::item::{BadRecord, Item, ItemError};
use crate::bank::OwnedSlot;
use crate::model::TextEncoder;
use crate::store::{NewEntry, Store, StoreError, owner_of_name};
use memt_core::encoder::ScratchTooSmall;
use memt_core::slot::Timestamp;
use memt_core::write::NewMemory;
use rayon::prelude::*;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Memories in one transaction.
const BATCH: usize = 4096;

/// Batches that wait before encoding, and before storing.
const WAITING: usize = 2;

/// What a load did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Memories that were added.
    pub added: usize,
    /// Earlier memories of the same id that they replaced.
    pub replaced: usize,
}

/// Why a load stopped. What came before is in the store.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// A record is no memory.
    Record(BadRecord),
    /// The store refused.
    Store(StoreError),
    /// The encoder lacks working memory.
    Scratch(ScratchTooSmall),
}

impl core::fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Record(error) => error.fmt(formatter),
            Self::Store(error) => error.fmt(formatter),
            Self::Scratch(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for LoadError {}

/// Adds records to a store, in order. `owner` and `now` are for those that do not say whose they are and
/// when they were written; `progress` hears how many are durable. On an error, what comes before the bad
/// record is stored.
pub fn load(
    store: &mut Store,
    encoder: &TextEncoder<'_>,
    records: impl Iterator<Item = Result<Item, BadRecord>> + Send,
    owner: &str,
    now: Timestamp,
    mut progress: impl FnMut(usize),
) -> (Loaded, Result<(), LoadError>) {
    let mut loaded = Loaded::default();
    let result = std::thread::scope(|scope| {
        let (items, to_encode) = sync_channel(WAITING);
        let (entries, to_store) = sync_channel(WAITING);
        scope.spawn(move || read(records, &items));
        scope.spawn(move || encode_all(&to_encode, &entries, encoder, owner, now));
        for batch in to_store {
            let Encoded { entries, error } = batch;
            let before = store.bank().len();
            let count = entries.len();
            if count > 0 {
                store.write(entries).map_err(LoadError::Store)?;
                loaded.added += count;
                loaded.replaced += count - (store.bank().len() - before).min(count);
                progress(loaded.added);
            }
            if let Some(error) = error {
                return Err(error);
            }
        }
        Ok(())
    });
    (loaded, result)
}

/// Records, and why there are no more.
type Batch = (Vec<Item>, Option<BadRecord>);

fn read(records: impl Iterator<Item = Result<Item, BadRecord>>, items: &SyncSender<Batch>) {
    let mut batch = Vec::new();
    for record in records {
        match record {
            Ok(item) => batch.push(item),
            // Whoever would have received this has stopped already.
            Err(bad) => return drop(items.send((batch, Some(bad)))),
        }
        if batch.len() == BATCH && items.send((std::mem::take(&mut batch), None)).is_err() {
            return;
        }
    }
    // As above.
    drop(items.send((batch, None)));
}

struct Encoded {
    entries: Vec<NewEntry>,
    error: Option<LoadError>,
}

fn encode_all(
    batches: &Receiver<Batch>,
    encoded: &SyncSender<Encoded>,
    encoder: &TextEncoder<'_>,
    owner: &str,
    now: Timestamp,
) {
    for (items, bad) in batches {
        let mut batch = encode(&items, encoder, owner, now);
        batch.error = batch.error.or(bad.map(LoadError::Record));
        let last = batch.error.is_some();
        if encoded.send(batch).is_err() || last {
            return;
        }
    }
}

/// Encodes records up to the first bad one.
fn encode(items: &[Item], encoder: &TextEncoder<'_>, owner: &str, now: Timestamp) -> Encoded {
    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    let embeddings = match encoder.encode_all(&texts) {
        Ok(embeddings) => embeddings,
        Err(error) => {
            return Encoded {
                entries: Vec::new(),
                error: Some(LoadError::Scratch(error)),
            };
        }
    };
    let entries: Vec<Result<NewEntry, BadRecord>> = items
        .par_iter()
        .zip(&embeddings)
        .map(|(item, embedding)| {
            let owner_name = item.owner.as_deref().unwrap_or(owner);
            let memory = NewMemory {
                owner: owner_of_name(owner_name),
                text: &item.text,
                embedding,
                created: item.created.unwrap_or(now),
                importance: item.importance,
            };
            let slot = OwnedSlot::of(&memory, &item.metadata).map_err(|error| BadRecord {
                place: item.place,
                error: ItemError::Add(error),
            })?;
            Ok(NewEntry {
                slot,
                owner_name: owner_name.to_owned(),
                external_id: item.id.clone(),
            })
        })
        .collect();
    let mut encoded = Encoded {
        entries: Vec::with_capacity(entries.len()),
        error: None,
    };
    for entry in entries {
        match entry {
            Ok(entry) => encoded.entries.push(entry),
            Err(bad) => {
                encoded.error = Some(LoadError::Record(bad));
                break;
            }
        }
    }
    encoded
}

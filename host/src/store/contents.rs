//! What a store holds, put together from its rows.

use super::error::StoreError;
use super::frame;
use super::names::Names;
use super::record::{Encoding, NotAMemory, Note, StoredDeletion, StoredMemory};
use super::relay::relay;
use super::shared::Shared;
use super::storage::{Part, Rows, TakeRow};
use super::tables::{Head, NOBODY, Row, Table};
use crate::bank::Bank;
use memt_core::embedding::Embedding;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Tables in an order in which each row finds what it needs of those before.
const ORDER: [Table; 4] = [
    Table::Owners,
    Table::Encodings,
    Table::Memories,
    Table::Deletions,
];

/// What a store, or one owner's part of it, holds.
pub(super) struct Contents {
    pub(super) bank: Bank,
    pub(super) names: Names,
    pub(super) notes: BTreeMap<u64, Box<[u8]>>,
    head: Head,
    /// Embeddings of the head's model that lie beside the rows of memories.
    encodings: HashMap<Row, Embedding>,
    /// Room for one memory's terms.
    hashes: Vec<u32>,
}

impl Contents {
    /// Reads all of a store, or one owner's part of it.
    pub(super) fn read(
        shared: &Shared,
        rows: &dyn Rows,
        scope: Option<Owner>,
    ) -> Result<Self, StoreError> {
        let mut contents = Self::none(shared.head());
        if scope.is_none() {
            let memories = rows.count(Table::Memories)?;
            contents.bank.reserve(memories as usize);
        }
        let path = shared.path();
        let mut take = |table: Table, row: Row, payload: &[u8]| {
            let taken = contents.take(table, row, payload);
            taken.map_err(|reason| StoreError::damaged(path, reason))
        };
        match scope {
            Some(owner) => read_owner(rows, owner, &mut unframed(path, &mut take))?,
            None => {
                let read = |take: &mut TakeRow<'_>| read_all(rows, &mut unframed(path, take));
                relay(read, take)?;
                let next_counter = contents.head.next_counter;
                contents.bank.skip_to_counter(next_counter);
            }
        }
        Ok(contents)
    }

    fn none(head: Head) -> Self {
        let mut bank = Bank::new();
        bank.rebind(Fingerprint(head.fingerprint));
        bank.set_origin(head.origin);
        Self {
            bank,
            names: Names::default(),
            notes: BTreeMap::new(),
            head,
            encodings: HashMap::new(),
            hashes: Vec::new(),
        }
    }

    fn take(&mut self, table: Table, row: Row, payload: &[u8]) -> Result<(), String> {
        let unreadable = |error: postcard::Error| format!("{} {row}: {error}", table.name());
        match table {
            Table::Head => {}
            Table::Owners => {
                let name: Option<&str> = postcard::from_bytes(payload).map_err(unreadable)?;
                self.names.learn_owner(row.owner, name.map(str::to_owned));
            }
            Table::Encodings => {
                let encoding: Encoding<'_> = postcard::from_bytes(payload).map_err(unreadable)?;
                if encoding.fingerprint == self.head.fingerprint {
                    let embedding = encoding.embedding();
                    let embedding =
                        embedding.ok_or_else(|| format!("encoding of {row} is none"))?;
                    self.encodings.insert(row, embedding);
                }
            }
            Table::Memories => {
                let stored: StoredMemory<'_> = postcard::from_bytes(payload).map_err(unreadable)?;
                self.take_memory(row, &stored)
                    .map_err(|error| format!("memory {row}: {error}"))?;
                if let Some(id) = stored.id {
                    self.names.learn_id(row.owner, id, row.memory());
                }
            }
            Table::Notes => {
                let note: Note<'_> = postcard::from_bytes(payload).map_err(unreadable)?;
                if Row::of_note(note.number) != row {
                    return Err(format!("note {row} calls itself {}", note.number));
                }
                // An empty one was removed, which other processes have to hear of.
                if !note.bytes.is_empty() {
                    self.notes.insert(note.number, note.bytes.into());
                }
            }
            Table::Deletions => {
                let stored: StoredDeletion = postcard::from_bytes(payload).map_err(unreadable)?;
                self.bank.import_deletion(stored.deletion);
            }
        }
        Ok(())
    }

    fn take_memory(&mut self, row: Row, stored: &StoredMemory<'_>) -> Result<(), NotAMemory> {
        let encoding = self.encodings.get(&row);
        let embedding = stored.embedding(row, self.head.fingerprint, encoding)?;
        if stored.has_our_terms() {
            let slot = stored.view(&embedding, &mut self.hashes)?;
            self.bank.import_view(slot, stored.record.metadata);
        } else {
            self.bank.import(stored.slot()?.with_embedding(embedding));
        }
        for judgement in stored.judged(self.head.fingerprint)? {
            self.bank.import_judgement(judgement);
        }
        Ok(())
    }
}

/// Checks the frame of each row and gives on what is in it.
fn unframed<'t>(
    path: &'t Path,
    take: &'t mut TakeRow<'_>,
) -> impl FnMut(Table, Row, &[u8]) -> Result<(), StoreError> + 't {
    move |table, row, framed| match frame::of_table(table, framed) {
        Some(frame) => take(table, row, frame.payload),
        None => {
            let reason = format!("{} {row} is damaged", table.name());
            Err(StoreError::damaged(path, reason))
        }
    }
}

fn read_owner(rows: &dyn Rows, owner: Owner, take: &mut TakeRow<'_>) -> Result<(), StoreError> {
    for table in ORDER {
        rows.read(table, Part::Of(owner), take)?;
    }
    rows.read(Table::Deletions, Part::Of(NOBODY), take)
}

fn read_all(rows: &dyn Rows, take: &mut TakeRow<'_>) -> Result<(), StoreError> {
    for table in ORDER {
        rows.read(table, Part::All, take)?;
    }
    rows.read(Table::Notes, Part::All, take)
}

//! Changing to another model while the store is in use, in steps that go on after any interruption.
//!
//! 1. Every text is encoded by the new model, and the embedding is kept in [`Table::Encodings`], beside
//!    the row of the memory, which stays as it is: questions are answered by the old model meanwhile.
//! 2. One small change of the head makes the new model the store's. From here on the embedding of a memory
//!    whose row is older lies in [`Table::Encodings`].
//! 3. Owner by owner, embeddings move into the rows of memories, and [`Table::Encodings`] becomes empty.
//!
//! What was done of a step is found done when it is begun again. A change to a third model first ends the
//! third step of the one before.

use super::Store;
use super::error::StoreError;
use super::file::Pages;
use super::frame;
use super::open::Opening;
use super::record::{Encoding, StoredMemory};
use super::shared::Shared;
use super::storage::Part;
use super::tables::{Head, Row, Table};
use crate::model::TextEncoder;
use memt_core::encoder::Fingerprint;
use memt_core::slot::Owner;
use std::collections::HashSet;
use std::sync::Arc;

/// Memories in one transaction.
pub(super) const BATCH: usize = 1024;

/// What a change of models is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reencoded {
    /// So many of all memories are encoded.
    Encoded {
        /// Memories that are done.
        done: u64,
        /// All memories.
        of: u64,
    },
    /// So many rows of memories have the new embedding.
    Settled {
        /// Memories that are done.
        done: u64,
        /// All that are to be done.
        of: u64,
    },
}

/// A change of models.
pub(super) struct Reencoding<'e> {
    shared: Arc<Shared>,
    encoder: &'e TextEncoder<'e>,
}

impl<'e> Reencoding<'e> {
    pub(super) fn of(shared: Arc<Shared>, encoder: &'e TextEncoder<'e>) -> Self {
        Self { shared, encoder }
    }

    /// All three steps, as far as they are not done; nothing where the store is of this model.
    pub(super) fn run(&self, mut progress: impl FnMut(Reencoded)) -> Result<(), StoreError> {
        let of_owner =
            |owner, unless| Store::load(Arc::clone(&self.shared), Some(owner))?.settle(unless);
        self.settle(&mut progress, of_owner)?;
        self.encode_and_switch(&mut progress)?;
        self.settle(&mut progress, of_owner)
    }

    /// The first two steps.
    pub(super) fn encode_and_switch(
        &self,
        progress: &mut impl FnMut(Reencoded),
    ) -> Result<(), StoreError> {
        self.encode(progress)?;
        if self.is_switched() {
            return Ok(());
        }
        let frozen = self.shared.storage().freeze()?;
        // What others have added in the meantime.
        self.encode(progress)?;
        let mut batch = self.shared.batch();
        batch.head = Some(Head {
            fingerprint: self.encoder.fingerprint().0,
            ..self.shared.head()
        });
        frozen.change_model(batch)?;
        self.shared.set_model(self.encoder.fingerprint());
        Ok(())
    }

    fn is_switched(&self) -> bool {
        self.shared.head().fingerprint == self.encoder.fingerprint().0
    }

    /// Encodes every memory that is not encoded yet.
    pub(super) fn encode(&self, progress: &mut impl FnMut(Reencoded)) -> Result<(), StoreError> {
        if self.is_switched() {
            return Ok(());
        }
        let rows = self.shared.storage().rows()?;
        let (mut done, of) = (0, rows.count(Table::Memories)?);
        for owner in owners(&self.shared)? {
            let encoded = self.encoded(owner)?;
            done += encoded.len() as u64;
            let mut texts: Vec<(Row, String)> = Vec::new();
            rows.read(
                Table::Memories,
                Part::Of(owner),
                &mut |table, row, framed| {
                    if encoded.contains(&row) {
                        return Ok(());
                    }
                    texts.push((row, self.text(table, row, framed)?));
                    if texts.len() == BATCH {
                        done += self.keep(&mut texts)?;
                        progress(Reencoded::Encoded { done, of });
                    }
                    Ok(())
                },
            )?;
            done += self.keep(&mut texts)?;
            progress(Reencoded::Encoded { done, of });
        }
        Ok(())
    }

    /// The owner's memories that are encoded.
    fn encoded(&self, owner: Owner) -> Result<HashSet<Row>, StoreError> {
        let mut encoded = HashSet::new();
        let rows = self.shared.storage().rows()?;
        let part = Part::Of(owner);
        rows.read(Table::Encodings, part, &mut |table, row, framed| {
            // One that is damaged is made anew.
            if encoded_by(table, framed) == Some(self.encoder.fingerprint()) {
                encoded.insert(row);
            }
            Ok(())
        })?;
        Ok(encoded)
    }

    fn text(&self, table: Table, row: Row, framed: &[u8]) -> Result<String, StoreError> {
        let damaged =
            || StoreError::damaged(self.shared.path(), format!("memory {row} is damaged"));
        let frame = frame::of_table(table, framed).ok_or_else(damaged)?;
        let stored = postcard::from_bytes::<StoredMemory<'_>>(frame.payload);
        Ok(stored.map_err(|_| damaged())?.record.text.to_owned())
    }

    /// Encodes texts and makes that durable; returns how many there were.
    fn keep(&self, texts: &mut Vec<(Row, String)>) -> Result<u64, StoreError> {
        if texts.is_empty() {
            return Ok(0);
        }
        let borrowed: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let embeddings = self.encoder.encode_all(&borrowed);
        let embeddings = embeddings.map_err(StoreError::Scratch)?;
        let mut batch = self.shared.batch();
        for ((row, _), embedding) in texts.iter().zip(&embeddings) {
            let named = (row.owner, row.memory());
            let encoding = Encoding::new(named, self.encoder.fingerprint(), embedding);
            batch.put(Table::Encodings, *row, &encoding)?;
        }
        self.shared.commit(batch, self.shared.head())?;
        Ok(texts.drain(..).count() as u64)
    }

    /// Moves embeddings of the store's model into the rows of memories; `of_owner` does so for one owner,
    /// leaving alone embeddings of the model that it is given, and says how many it moved.
    pub(super) fn settle(
        &self,
        progress: &mut impl FnMut(Reencoded),
        of_owner: impl Fn(Owner, Option<Fingerprint>) -> Result<u64, StoreError>,
    ) -> Result<(), StoreError> {
        let of = self.shared.storage().rows()?.count(Table::Encodings)?;
        if of == 0 {
            return Ok(());
        }
        let to_come = Some(self.encoder.fingerprint()).filter(|_| !self.is_switched());
        let mut done = 0;
        for owner in owners(&self.shared)? {
            done += of_owner(owner, to_come)?;
            progress(Reencoded::Settled { done, of });
        }
        Ok(())
    }
}

/// The model of an embedding, if the row is whole.
fn encoded_by(table: Table, framed: &[u8]) -> Option<Fingerprint> {
    let frame = frame::of_table(table, framed)?;
    let encoding: Encoding<'_> = postcard::from_bytes(frame.payload).ok()?;
    Some(Fingerprint(encoding.fingerprint))
}

/// The owners that have or had memories, ascending.
pub(super) fn owners(shared: &Shared) -> Result<Vec<Owner>, StoreError> {
    let mut owners = Vec::new();
    let rows = shared.storage().rows()?;
    rows.read(Table::Owners, Part::All, &mut |_, row, _| {
        owners.push(row.owner);
        Ok(())
    })?;
    Ok(owners)
}

impl Opening {
    /// Changes a file to another model, if it is not of that one; goes on with what an interrupted change
    /// has done.
    pub fn reencode(
        &self,
        encoder: &TextEncoder<'_>,
        progress: impl FnMut(Reencoded),
    ) -> Result<(), StoreError> {
        let shared = self.shared(encoder.fingerprint(), Pages::Checked)?;
        Reencoding::of(shared, encoder).run(progress)
    }
}

impl Store {
    /// Writes the rows of memories whose embeddings lie beside them, unless they are of that model; returns
    /// how many lay there.
    pub(super) fn settle(&mut self, unless: Option<Fingerprint>) -> Result<u64, StoreError> {
        let mut beside = Vec::new();
        let part = self.scope.map_or(Part::All, Part::Of);
        let rows = self.shared.storage().rows()?;
        rows.read(Table::Encodings, part, &mut |table, row, framed| {
            let model = encoded_by(table, framed);
            if model.is_none() || model != unless {
                beside.push(row);
            }
            Ok(())
        })?;
        drop(rows);
        for rows in beside.chunks(BATCH) {
            let mut changes = self.changes();
            let keys: Vec<_> = rows.iter().map(|row| row.memory()).collect();
            self.put_all(&mut changes, &keys)?;
            rows.iter().for_each(|&row| changes.settled(row));
            self.commit(changes, self.bank.next_counter())?;
        }
        Ok(beside.len() as u64)
    }
}

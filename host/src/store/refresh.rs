//! Learning what other processes have changed.

use super::Store;
use super::error::StoreError;
use super::frame;
use super::record::{StoredDeletion, StoredMemory};
use super::storage::Part;
use super::tables::{Row, Table};
use memt_core::slot::Owner;
use std::sync::Arc;

impl Store {
    /// Whether no other process has changed these memories since they were read.
    pub(super) fn is_current(&self) -> Result<bool, StoreError> {
        match self.scope.filter(|_| self.version.is_some()) {
            Some(owner) => Ok(self.shared.storage().version(owner)? == self.version),
            None => Ok(true),
        }
    }

    /// Takes in what other processes have changed.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        let (Some(owner), Some(known)) = (self.scope, self.version) else {
            return Ok(());
        };
        let rows = self.shared.storage().rows()?;
        let Some(version) = rows.version(owner)? else {
            return Ok(());
        };
        if version.model != known.model {
            let read = Self::load(Arc::clone(&self.shared), self.scope)?;
            *self = read;
            return Ok(());
        }
        let since = Part::Since(owner, known.changes);
        for table in [Table::Owners, Table::Deletions, Table::Memories] {
            rows.read(table, since, &mut |table, row, framed| {
                self.take_change(owner, table, row, framed)
            })?;
        }
        self.version = Some(version);
        Ok(())
    }

    fn take_change(
        &mut self,
        owner: Owner,
        table: Table,
        row: Row,
        framed: &[u8],
    ) -> Result<(), StoreError> {
        let path = self.shared.path().to_owned();
        let damaged = |error: &dyn core::fmt::Display| {
            StoreError::damaged(&path, format!("{} {row}: {error}", table.name()))
        };
        let frame = frame::of_table(table, framed);
        let payload = frame
            .ok_or_else(|| damaged(&"checksum does not match"))?
            .payload;
        match table {
            Table::Head | Table::Encodings | Table::Notes => {}
            Table::Owners => {
                let name: Option<&str> =
                    postcard::from_bytes(payload).map_err(|error| damaged(&error))?;
                self.names.learn_owner(owner, name.map(str::to_owned));
            }
            Table::Deletions => {
                let stored: StoredDeletion =
                    postcard::from_bytes(payload).map_err(|error| damaged(&error))?;
                self.names.forget_id(stored.deletion.key);
                self.bank.take(stored.deletion.key);
                self.bank.import_deletion(stored.deletion);
            }
            Table::Memories => {
                let stored: StoredMemory<'_> =
                    postcard::from_bytes(payload).map_err(|error| damaged(&error))?;
                let model = self.shared.head().fingerprint;
                let embedding = stored.embedding(row, model, None);
                let embedding = embedding.map_err(|error| damaged(&error))?;
                let facts = stored.record.facts;
                // Its text never changes.
                if self.bank.get(facts.key).is_some() {
                    self.bank.restore(facts, &embedding);
                } else {
                    let slot = match stored.has_our_terms() {
                        true => stored.slot_as_stored(),
                        false => stored.slot(),
                    };
                    let slot = slot.map_err(|error| damaged(&error))?;
                    self.bank.import(slot.with_embedding(embedding));
                }
                let judged = stored.judged(model).map_err(|error| damaged(&error))?;
                self.bank.take_back(facts.key, None);
                for judgement in judged {
                    self.bank.import_judgement(judgement);
                }
                match stored.id {
                    Some(id) => self.names.learn_id(owner, id, facts.key),
                    None => self.names.forget_id(facts.key),
                }
            }
        }
        Ok(())
    }
}

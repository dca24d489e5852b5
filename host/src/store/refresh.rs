//! Learning what other processes have changed.

use super::Store;
use super::error::StoreError;
use super::frame;
use super::known::Known;
use super::record::{Note, StoredDeletion, StoredMemory};
use super::storage::{Part, Versions};
use super::tables::{Row, Table};
use crate::bank::OwnedSlot;
use memt_core::bank::Deletion;
use memt_core::feedback::Judgement;
use memt_core::slot::{Key, Owner};
use std::sync::Arc;

/// What other processes have changed.
#[derive(Debug)]
pub struct News {
    versions: Versions,
    owners: Vec<(Owner, Option<String>)>,
    deletions: Vec<Deletion>,
    memories: Vec<Written>,
    notes: Vec<(u64, Box<[u8]>)>,
}

/// A memory as another process has left it.
#[derive(Debug)]
struct Written {
    slot: OwnedSlot,
    id: Option<String>,
    judged: Vec<Judgement>,
}

impl News {
    /// Memories that are gone.
    pub fn gone(&self) -> impl Iterator<Item = Key> {
        self.deletions.iter().map(|deletion| deletion.key)
    }

    /// Memories that are new or have changed.
    pub fn memories(&self) -> impl Iterator<Item = Key> {
        self.memories.iter().map(|written| written.slot.facts.key)
    }

    /// Notes that were set; one that was removed is empty.
    pub fn notes(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.notes.iter().map(|(number, bytes)| (*number, &**bytes))
    }

    fn read(&mut self, table: Table, row: Row, framed: &[u8], model: u64) -> Result<(), String> {
        let said = |error: &dyn core::fmt::Display| format!("{} {row}: {error}", table.name());
        let frame = frame::of_table(table, framed);
        let payload = frame
            .ok_or_else(|| said(&"checksum does not match"))?
            .payload;
        let unreadable = |error: postcard::Error| said(&error);
        match table {
            Table::Head | Table::Encodings => {}
            Table::Owners => {
                let name: Option<&str> = postcard::from_bytes(payload).map_err(unreadable)?;
                self.owners.push((row.owner, name.map(str::to_owned)));
            }
            Table::Deletions => {
                let stored: StoredDeletion = postcard::from_bytes(payload).map_err(unreadable)?;
                self.deletions.push(stored.deletion);
            }
            Table::Notes => {
                let note: Note<'_> = postcard::from_bytes(payload).map_err(unreadable)?;
                self.notes.push((note.number, note.bytes.into()));
            }
            Table::Memories => {
                let stored: StoredMemory<'_> = postcard::from_bytes(payload).map_err(unreadable)?;
                let embedding = stored.embedding(row, model, None);
                let embedding = embedding.map_err(|error| said(&error))?;
                let slot = match stored.has_our_terms() {
                    true => stored.slot_as_stored(),
                    false => stored.slot(),
                };
                self.memories.push(Written {
                    slot: slot
                        .map_err(|error| said(&error))?
                        .with_embedding(embedding),
                    id: stored.id.map(str::to_owned),
                    judged: stored.judged(model).map_err(|error| said(&error))?,
                });
            }
        }
        Ok(())
    }
}

impl Store {
    /// Whether other processes may change what is here.
    pub fn is_shared(&self) -> bool {
        self.known.is_some()
    }

    /// Whether no other process has changed these memories since they were read.
    pub fn is_current(&self) -> Result<bool, StoreError> {
        let Some(known) = &self.known else {
            return Ok(true);
        };
        let storage = self.shared.storage();
        Ok(match self.scope {
            Some(owner) => storage.version(owner)?.is_some_and(|version| {
                version.model == known.model() && version.changes == known.changes(owner)
            }),
            None => storage
                .versions(known.mark())?
                .is_some_and(|versions| known.covers(&versions)),
        })
    }

    /// Reads what other processes have changed, if they have.
    pub fn news(&self) -> Result<Option<News>, StoreError> {
        let Some(known) = &self.known else {
            return Ok(None);
        };
        let rows = self.shared.storage().rows()?;
        let versions = match self.scope {
            Some(owner) => rows.version(owner)?.map(|version| Versions {
                model: version.model,
                changes: vec![(owner, version.changes)],
                mark: 0,
            }),
            None => rows.versions(known.mark())?,
        };
        let Some(versions) = versions.filter(|versions| !known.covers(versions)) else {
            return Ok(None);
        };
        if versions.model != known.model() {
            return Err(self.shared.other_model(versions.model, known.model().0));
        }
        let behind = known.behind(&versions);
        let mut news = News {
            versions,
            owners: Vec::new(),
            deletions: Vec::new(),
            memories: Vec::new(),
            notes: Vec::new(),
        };
        let model = known.model().0;
        let tables = [Table::Owners, Table::Deletions, Table::Memories];
        let notes = behind.iter().any(|since| since.0 == Row::of_note(0).owner);
        for table in tables.into_iter().chain(notes.then_some(Table::Notes)) {
            rows.read(table, Part::Since(&behind), &mut |table, row, framed| {
                let read = news.read(table, row, framed, model);
                read.map_err(|reason| StoreError::damaged(self.path(), reason))
            })?;
        }
        Ok(Some(news))
    }

    /// Takes in what other processes have changed.
    pub fn take_news(&mut self, news: News) {
        for (owner, name) in news.owners {
            self.names.learn_owner(owner, name);
        }
        for deletion in news.deletions {
            self.names.forget_id(deletion.key);
            self.bank.take(deletion.key);
            self.bank.import_deletion(deletion);
        }
        for Written { slot, id, judged } in news.memories {
            let facts = slot.facts;
            // Its text never changes.
            if self.bank.get(facts.key).is_some() {
                self.bank.restore(facts, slot.view().embedding);
            } else {
                self.bank.import(slot);
            }
            self.bank.take_back(facts.key, None);
            for judgement in judged {
                self.bank.import_judgement(judgement);
            }
            match id {
                Some(id) => self.names.learn_id(facts.owner, &id, facts.key),
                None => self.names.forget_id(facts.key),
            }
        }
        if self.scope.is_none() {
            for (number, bytes) in news.notes {
                self.keep_note(number, bytes);
            }
        }
        if let Some(known) = &mut self.known {
            known.catch_up(news.versions);
        }
    }

    /// Reads and takes in what other processes have changed.
    pub fn refresh(&mut self) -> Result<(), StoreError> {
        // One owner's part is read anew when the model changes, if the program has the new one.
        if let (Some(owner), Some(known)) = (self.scope, &self.known)
            && let Some(version) = self.shared.storage().version(owner)?
            && version.model != known.model()
        {
            *self = Self::load(Arc::clone(&self.shared), self.scope)?;
            return Ok(());
        }
        if let Some(news) = self.news()? {
            self.take_news(news);
        }
        Ok(())
    }

    /// Sets a note in memory; an empty one is none.
    pub(super) fn keep_note(&mut self, number: u64, bytes: Box<[u8]>) {
        match bytes.is_empty() {
            true => self.notes.remove(&number),
            false => self.notes.insert(number, bytes),
        };
    }
}

impl Known {
    /// What is known of a part of a store that is about to be read.
    pub(super) fn of_rows(
        rows: &dyn super::storage::Rows,
        scope: Option<Owner>,
    ) -> Result<Option<Self>, StoreError> {
        Ok(match scope {
            Some(owner) => rows
                .version(owner)?
                .map(|version| Self::of_owner(owner, version)),
            None => rows.versions(0)?.map(Self::of_all),
        })
    }
}

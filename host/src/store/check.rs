//! Whether a bank file is whole.

use super::error::StoreError;
use super::file::File;
use super::file::Pages;
use super::frame;
use super::names::owner_of_name;
use super::record::{Encoding, StoredDeletion, StoredMemory};
use super::storage::{Part, Rows, Storage};
use super::tables::{Head, Row, Table};
use memt_core::embedding::Embedding;
use memt_core::slot::{Key, Owner};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Memories that can be read.
    pub memories: usize,
    /// Deletions that can be read.
    pub deletions: usize,
    /// Owners with a name.
    pub owners: usize,
    /// Notes of a service.
    pub notes: usize,
    /// What is wrong, in words; empty if nothing is.
    pub problems: Vec<String>,
}

/// Checks every page and every row of a bank file, and that rows agree with each other. The errors are
/// those of files that cannot be checked at all; what is wrong with a file is in its [`Health`].
pub fn check(path: &Path) -> Result<Health, StoreError> {
    let mut checking = Checking::default();
    let read = File::open(path, Pages::Checked)
        .and_then(|file| checking.read(path, file.rows()?.as_ref()));
    match read {
        Err(StoreError::Damaged { reason, .. }) => checking.health.problems.push(reason),
        Err(StoreError::Database { error, .. }) => {
            checking.health.problems.push(error.to_string());
        }
        Err(error) => return Err(error),
        Ok(()) => checking.compare(),
    }
    Ok(checking.health)
}

#[derive(Default)]
struct Checking {
    health: Health,
    head: Option<Head>,
    known: HashSet<Owner>,
    /// Embeddings of the store's model that lie beside the rows of memories.
    encoded: HashMap<Row, Embedding>,
    memories: HashMap<Key, Owner>,
    ids: HashSet<(Owner, String)>,
}

impl Checking {
    fn problem(&mut self, problem: String) {
        self.health.problems.push(problem);
    }

    fn read(&mut self, path: &Path, rows: &dyn Rows) -> Result<(), StoreError> {
        for table in Table::ALL {
            rows.read(table, Part::All, &mut |table, row, framed| {
                let Some(frame) = frame::of_table(table, framed) else {
                    self.problem(format!("{} {row}: checksum does not match", table.name()));
                    return Ok(());
                };
                let read = match table {
                    Table::Head => {
                        self.head = Some(Head::of_payload(path, frame.payload)?);
                        Ok(())
                    }
                    Table::Owners => self.owner(row, frame.payload),
                    Table::Memories => self.memory(row, frame.payload),
                    Table::Deletions => self.deletion(row, frame.payload),
                    Table::Encodings => self.encoding(row, frame.payload),
                    Table::Notes => {
                        self.health.notes += 1;
                        Ok(())
                    }
                };
                if let Err(error) = read {
                    self.problem(format!("{} {row}: {error}", table.name()));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn owner(&mut self, row: Row, payload: &[u8]) -> Result<(), postcard::Error> {
        let name: Option<&str> = postcard::from_bytes(payload)?;
        if let Some(name) = name.filter(|name| owner_of_name(name) != row.owner) {
            self.problem(format!(
                "owner {} is called `{name}`, which is another's",
                row.owner.0
            ));
        }
        self.known.insert(row.owner);
        self.health.owners += usize::from(name.is_some());
        Ok(())
    }

    fn encoding(&mut self, row: Row, payload: &[u8]) -> Result<(), postcard::Error> {
        let encoding: Encoding<'_> = postcard::from_bytes(payload)?;
        let own = (encoding.owner, encoding.key) == (row.owner, row.memory());
        let of_model = self.head.map(|head| head.fingerprint) == Some(encoding.fingerprint);
        match encoding.embedding().filter(|_| own) {
            Some(embedding) if of_model => drop(self.encoded.insert(row, embedding)),
            Some(_) => {}
            None => self.problem(format!("encoding of {row} is none")),
        }
        Ok(())
    }

    fn memory(&mut self, row: Row, payload: &[u8]) -> Result<(), postcard::Error> {
        let stored: StoredMemory<'_> = postcard::from_bytes(payload)?;
        let (named, facts) = (row.memory(), stored.record.facts);
        let model = self.head.map_or(0, |head| head.fingerprint);
        if let Err(error) = stored.embedding(row, model, self.encoded.get(&row)) {
            self.problem(format!("memory {row}: {error}"));
        }
        match (stored.slot_as_stored(), stored.slot()) {
            (Ok(slot), Ok(anew)) if slot == anew || !stored.has_our_terms() => {}
            (Ok(_), Ok(_)) => self.problem(format!("memory {named} has terms of another text")),
            (Err(error), _) | (_, Err(error)) => self.problem(format!("memory {named}: {error}")),
        }
        if let Some(id) = stored.id
            && !self.ids.insert((facts.owner, id.to_owned()))
        {
            self.problem(format!(
                "memory {named} has the id `{id}`, as another one has"
            ));
        }
        if !self.known.contains(&facts.owner) {
            self.problem(format!("memory {named} has an owner without a row"));
        }
        self.memories.insert(named, facts.owner);
        self.health.memories += 1;
        Ok(())
    }

    fn deletion(&mut self, row: Row, payload: &[u8]) -> Result<(), postcard::Error> {
        let StoredDeletion { owner, deletion } = postcard::from_bytes(payload)?;
        let named = row.memory();
        if (owner, deletion.key) != (row.owner, named) {
            self.problem(format!("deletion {row} is one of {}", deletion.key));
        }
        if self.memories.contains_key(&named) {
            self.problem(format!("memory {named} is there and forgotten"));
        }
        self.health.deletions += 1;
        Ok(())
    }

    fn compare(&mut self) {
        let Some(head) = self.head else {
            self.problem("there is no head".to_owned());
            return;
        };
        let own = self.memories.keys().filter(|key| key.origin == head.origin);
        if let Some(last) = own.max()
            && last.counter >= head.next_counter
        {
            let problem = format!("memory {last} has a key that would be given again");
            self.problem(problem);
        }
    }
}

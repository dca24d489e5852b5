//! Whether a bank file is whole.

use super::error::StoreError;
use super::file::File;
use super::frame;
use super::names::{NAMED, owner_of_name};
use super::record::{StoredMemory, lexicon};
use super::storage::{Rows, Storage};
use super::tables::{Head, Table, unpack};
use memt_core::bank::Deletion;
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
    let read = File::open(path).and_then(|file| checking.read(path, file.rows()?.as_ref()));
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
    named: HashSet<Owner>,
    memories: HashMap<Key, Owner>,
    ids: HashSet<(Owner, String)>,
}

impl Checking {
    fn problem(&mut self, problem: String) {
        self.health.problems.push(problem);
    }

    fn read(&mut self, path: &Path, rows: &dyn Rows) -> Result<(), StoreError> {
        for table in Table::ALL {
            rows.read(table, &mut |table, key, framed| {
                let Some(frame) = frame::of_table(table, framed) else {
                    self.problem(format!("{} {key}: checksum does not match", table.name()));
                    return Ok(());
                };
                let read = match table {
                    Table::Head => {
                        self.head = Some(Head::of_payload(path, frame.payload)?);
                        Ok(())
                    }
                    Table::Owners => self.owner(key, frame.payload),
                    Table::Memories => self.memory(key, frame.payload),
                    Table::Deletions => self.deletion(key, frame.payload),
                    Table::Notes => {
                        self.health.notes += 1;
                        Ok(())
                    }
                };
                if let Err(error) = read {
                    self.problem(format!("{} {key}: {error}", table.name()));
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn owner(&mut self, key: u64, payload: &[u8]) -> Result<(), postcard::Error> {
        let name: &str = postcard::from_bytes(payload)?;
        if owner_of_name(name).0 != key {
            self.problem(format!(
                "owner {key} is called `{name}`, which is another's"
            ));
        }
        self.named.insert(Owner(key));
        self.health.owners += 1;
        Ok(())
    }

    fn memory(&mut self, key: u64, payload: &[u8]) -> Result<(), postcard::Error> {
        let stored: StoredMemory<'_> = postcard::from_bytes(payload)?;
        let (named, facts) = (unpack(key), stored.record.facts);
        if facts.key != named {
            self.problem(format!("memory {named} calls itself {}", facts.key));
        }
        let same_lexicon = self.head.is_some_and(|head| head.lexicon == lexicon());
        match (stored.slot(same_lexicon), stored.slot(false)) {
            (Ok(slot), Ok(anew)) if slot == anew => {}
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
        if facts.owner.0 >= NAMED && !self.named.contains(&facts.owner) {
            self.problem(format!("memory {named} has an owner without a name"));
        }
        self.memories.insert(named, facts.owner);
        self.health.memories += 1;
        Ok(())
    }

    fn deletion(&mut self, key: u64, payload: &[u8]) -> Result<(), postcard::Error> {
        let deletion: Deletion = postcard::from_bytes(payload)?;
        let named = unpack(key);
        if deletion.key != named {
            self.problem(format!("deletion {named} is one of {}", deletion.key));
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

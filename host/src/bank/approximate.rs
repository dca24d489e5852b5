//! Approximate answers for owners of very many memories.
//!
//! An index names the memories whose embeddings lie nearest to what a question asks for. They, all that
//! share a word with the question, and those that the index has not taken in yet are scored as ever: a
//! memory that is found has the score that it always has. What the index misses is not found.

use super::Bank;
use super::graph::{GraphError, Graphs};
use memt_core::embedding::Embedding;
use memt_core::slot::{Key, Owner};

/// Memories that wait until the index takes them in together.
pub(super) const WAITING: usize = 4096;

/// Memories that it takes in at once, so that a large owner's index comes into being between writes.
pub(super) const AT_ONCE: usize = 2 * WAITING;

/// Why there is no approximate index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApproximateError {
    /// The program was built without it.
    NotBuilt,
    /// It failed, as this says.
    Failed(String),
}

impl core::fmt::Display for ApproximateError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotBuilt => formatter.write_str(
                "this memt has no approximate index: build it with `--features approximate`",
            ),
            Self::Failed(reason) => write!(formatter, "the approximate index failed: {reason}"),
        }
    }
}

impl std::error::Error for ApproximateError {}

impl Bank {
    /// Answers questions to owners of at least `from` memories (and of at least 4,096) approximately from now
    /// on: builds their indexes, on all cores, and keeps them up to date. `progress` is told how many memories were taken in.
    ///
    /// Exact is what `query` is otherwise, and stays with neighbours in time, for words alone, and where
    /// most of what an index names is not accepted. A memory that only the time of a question speaks for
    /// is found only where the index or a word names it.
    pub fn approximate(
        &mut self,
        from: usize,
        mut progress: impl FnMut(usize),
    ) -> Result<(), ApproximateError> {
        if !cfg!(feature = "approximate") {
            return Err(ApproximateError::NotBuilt);
        }
        let from = from.max(WAITING);
        self.approximate_from = Some(from);
        let mut done = 0;
        for &number in self.owners.values() {
            let partition = &mut self.partitions[number as usize];
            if partition.len() < from {
                continue;
            }
            loop {
                let taken = partition.index(AT_ONCE)?;
                if taken == 0 {
                    break;
                }
                done += taken;
                progress(done);
            }
        }
        Ok(())
    }

    /// How many of an owner's memories the approximate index has; none without it.
    pub fn indexed(&self, owner: Owner) -> usize {
        let partition = self.partition(owner).filter(|one| one.is_indexed());
        partition.map_or(0, |partition| {
            partition
                .rows()
                .take_while(|&row| row < partition.indexed())
                .count()
        })
    }

    /// Lets an owner's index grow after a write.
    pub(super) fn index_written(&mut self, number: u32) {
        let partition = &mut self.partitions[number as usize];
        if self
            .approximate_from
            .is_some_and(|from| partition.len() >= from)
        {
            partition.index_some();
        }
    }
}

/// One owner's index, and how far it has come.
#[derive(Debug, Default)]
pub(super) struct Approximate {
    graphs: Graphs,
    /// Rows from here on are not in it yet.
    indexed: u32,
    given_up: bool,
}

/// A copy has no index until it is given one.
impl Clone for Approximate {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Approximate {
    /// Whether questions go through it.
    pub(super) fn is_used(&self) -> bool {
        self.graphs.are_used()
    }

    /// Whether it failed before.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// The first row that is not in it.
    pub(super) fn indexed(&self) -> u32 {
        self.indexed
    }

    /// Takes in the memories of all rows before `end` that it has not, the first of `coming`.
    pub(super) fn insert(
        &mut self,
        memories: &[(Key, &Embedding)],
        end: u32,
        coming: usize,
    ) -> Result<(), ApproximateError> {
        let inserted = self.graphs.insert(memories, coming);
        self.indexed = end;
        self.checked(inserted)
    }

    /// Forgets a memory.
    pub(super) fn remove(&mut self, row: u32, key: Key) {
        if self.has(row) {
            let removed = self.graphs.remove(key);
            self.noted(removed);
        }
    }

    /// Notes that a memory has another embedding.
    pub(super) fn replace(&mut self, row: u32, key: Key, embedding: &Embedding) {
        if self.has(row) {
            let removed = self.graphs.remove(key);
            let replaced = removed.and_then(|()| self.graphs.insert(&[(key, embedding)], 1));
            self.noted(replaced);
        }
    }

    fn has(&self, row: u32) -> bool {
        self.is_used() && row < self.indexed
    }

    /// Goes on with other row numbers, the first `indexed` of which it has.
    pub(super) fn renumbered(mut self, indexed: u32) -> Self {
        self.indexed = indexed;
        self
    }

    /// Memories near to a direction; `None` where there is no index to ask.
    pub(super) fn nearest(&self, direction: &Embedding, count: usize) -> Option<Vec<Key>> {
        if !self.is_used() {
            return None;
        }
        let named = self.graphs.nearest(direction, count);
        named.inspect_err(tell).ok()
    }

    /// After an error every memory is looked at again, which is always right.
    fn checked(&mut self, done: Result<(), GraphError>) -> Result<(), ApproximateError> {
        done.map_err(|error| {
            tell(&error);
            *self = Self {
                given_up: true,
                ..Self::default()
            };
            ApproximateError::Failed(error.to_string())
        })
    }

    fn noted(&mut self, done: Result<(), GraphError>) {
        // It has been told, and questions no longer go through the index.
        self.checked(done).unwrap_or(());
    }
}

fn tell(error: &GraphError) {
    tracing::error!(%error, "the approximate index failed; every memory is looked at instead");
}

//! What is kept besides memories: what became of them, feedback, exports, webhooks, settings of the
//! project. Each is a note of the store, in JSON, made durable with the change that it tells of.

use super::memory::Micros;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// One note.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Note {
    /// A memory was changed or deleted.
    History(Past),
    /// What somebody thought of a memory.
    Feedback(Feedback),
    /// A selection of memories to be fetched.
    Export(Export),
    /// An address that hears of changes.
    Webhook(Webhook),
    /// Settings of the project.
    Project {
        /// As clients set them.
        settings: Map<String, Value>,
    },
}

/// What became of a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Which change.
    pub id: Uuid,
    /// Of which memory.
    pub memory: Uuid,
    /// The bank's owner at that time.
    pub owner: String,
    /// `UPDATE` or `DELETE`.
    pub event: String,
    /// The text before.
    pub old: String,
    /// The text after.
    pub new: Option<String>,
    /// Metadata after.
    pub metadata: Map<String, Value>,
    /// When the memory was written first.
    pub created: Micros,
    /// When this happened.
    pub at: Micros,
}

/// What somebody thought of a memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// Of which memory.
    pub memory: Uuid,
    /// `POSITIVE`, `NEGATIVE` or `VERY_NEGATIVE`.
    pub feedback: String,
    /// Why.
    pub reason: Option<String>,
    /// The question that the memory was an answer to.
    #[serde(default)]
    pub question: Option<String>,
    /// When.
    pub at: Micros,
}

/// A selection of memories to be fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Its name.
    pub id: Uuid,
    /// The key that asked for it.
    pub asked_by: String,
    /// Which memories.
    pub filters: Value,
    /// The form that was asked for; only a language model could fill it.
    pub schema: Value,
    /// When.
    pub at: Micros,
}

/// An address that hears of changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its name.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The address.
    pub url: String,
    /// What it hears of: `memory_add`, `memory_update`, `memory_delete`.
    pub events: Vec<String>,
    /// Whether it is told.
    pub active: bool,
    /// The project, as the client calls it.
    pub project: String,
    /// When it was made.
    pub created: Micros,
    /// When it was changed last.
    pub updated: Micros,
}

/// Where each note is.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    next: u64,
    history: HashMap<Uuid, Vec<u64>>,
    feedback: HashMap<Uuid, u64>,
    exports: BTreeMap<Uuid, u64>,
    webhooks: BTreeMap<Uuid, u64>,
    project: Option<u64>,
}

impl Journal {
    /// That of a store; notes of other services are left alone.
    pub(crate) fn of(store: &Store) -> Self {
        let mut journal = Self::default();
        for (&number, bytes) in store.notes() {
            journal.next = number + 1;
            if let Ok(note) = serde_json::from_slice(bytes) {
                journal.learn(number, &note);
            }
        }
        journal
    }

    /// The number of the next note.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Takes in a note.
    pub(crate) fn learn(&mut self, number: u64, note: &Note) {
        self.next = self.next.max(number + 1);
        match note {
            Note::History(past) => self.history.entry(past.memory).or_default().push(number),
            Note::Feedback(feedback) => {
                self.feedback.insert(feedback.memory, number);
            }
            Note::Export(export) => {
                self.exports.insert(export.id, number);
            }
            Note::Webhook(webhook) => {
                self.webhooks.insert(webhook.id, number);
            }
            Note::Project { .. } => self.project = Some(number),
        }
    }

    /// Forgets a note that has gone.
    pub(crate) fn forget(&mut self, number: u64) {
        self.webhooks.retain(|_, other| *other != number);
        self.exports.retain(|_, other| *other != number);
        self.feedback.retain(|_, other| *other != number);
        if self.project == Some(number) {
            self.project = None;
        }
    }

    /// What became of a memory, oldest first.
    pub(crate) fn history(&self, store: &Store, memory: Uuid) -> Vec<Past> {
        let numbers = self.history.get(&memory).into_iter().flatten();
        let notes = numbers.filter_map(|&number| read(store, number));
        let past = notes.filter_map(|note| match note {
            Note::History(past) => Some(past),
            _ => None,
        });
        past.collect()
    }

    /// The number of the feedback on a memory.
    pub(crate) fn feedback(&self, memory: Uuid) -> Option<u64> {
        self.feedback.get(&memory).copied()
    }

    /// An export.
    pub(crate) fn export(&self, store: &Store, id: Uuid) -> Option<Export> {
        match read(store, *self.exports.get(&id)?)? {
            Note::Export(export) => Some(export),
            _ => None,
        }
    }

    /// The newest export that a key asked for and that `is_meant`.
    pub(crate) fn newest_export(
        &self,
        store: &Store,
        is_meant: impl Fn(&Export) -> bool,
    ) -> Option<Export> {
        let exports = self.exports.keys().filter_map(|&id| self.export(store, id));
        exports.filter(is_meant).max_by_key(|export| export.at)
    }

    /// All webhooks, with the numbers of their notes.
    pub(crate) fn webhooks(&self, store: &Store) -> Vec<(u64, Webhook)> {
        let notes = self
            .webhooks
            .values()
            .map(|&number| (number, read(store, number)));
        let webhooks = notes.filter_map(|(number, note)| match note {
            Some(Note::Webhook(webhook)) => Some((number, webhook)),
            _ => None,
        });
        webhooks.collect()
    }

    /// Settings of the project, and the number of their note.
    pub(crate) fn project(&self, store: &Store) -> (Option<u64>, Map<String, Value>) {
        let note = self.project.and_then(|number| read(store, number));
        match note {
            Some(Note::Project { settings }) => (self.project, settings),
            _ => (self.project, Map::new()),
        }
    }
}

fn read(store: &Store, number: u64) -> Option<Note> {
    serde_json::from_slice(store.notes().get(&number)?).ok()
}

//! The store, and what is looked up beside it.

use super::index::Index;
use super::journal::Journal;
use crate::store::{News, Store};
use memt_core::slot::Key;
use std::ops::Deref;

/// The store and what is looked up beside it.
#[derive(Debug)]
pub struct Kept {
    pub(crate) store: Store,
    pub(crate) index: Index,
    pub(crate) journal: Journal,
}

impl Kept {
    pub(crate) fn of(store: Store) -> Self {
        Self {
            index: Index::of(&store),
            journal: Journal::of(&store),
            store,
        }
    }

    /// Takes in what other processes have changed.
    pub(super) fn hear(&mut self, news: News) {
        let Self {
            store,
            index,
            journal,
        } = self;
        let is_new = |key: &Key| store.bank().get(*key).is_none();
        let new: Vec<Key> = news.memories().filter(is_new).collect();
        for key in news.gone() {
            index.forget(store, key);
        }
        let notes = news.notes().map(|(number, bytes)| (number, bytes.to_vec()));
        let notes: Vec<(u64, Vec<u8>)> = notes.collect();
        store.take_news(news);
        for key in new {
            index.learn(store, key);
        }
        for (number, bytes) in notes {
            journal.forget(number);
            // Notes of other services are left alone.
            if let Ok(note) = serde_json::from_slice(&bytes) {
                journal.learn(number, &note);
            }
        }
    }
}

impl Deref for Kept {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

//! What the thread that changes memories is asked to do.

use super::journal::Note;
use super::kept::Kept;
use crate::server::error::ApiError;
use crate::store::{NewEntry, Store, StoreError};
use memt_core::bank::Deletion;
use memt_core::feedback::Judgement;
use memt_core::slot::Key;
use std::sync::mpsc::Sender;
use uuid::Uuid;

/// What a request changes.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) add: Vec<NewEntry>,
    pub(crate) forget: Vec<Deletion>,
    pub(crate) notes: Vec<Note>,
    pub(crate) remove_notes: Vec<u64>,
    pub(crate) judge: Vec<Judgement>,
    pub(crate) take_back: Vec<Key>,
    /// Memories and notes that no other request may change in the same transaction.
    pub(crate) touched: Vec<Uuid>,
}

/// A request to change something.
pub(crate) trait Job: Send {
    /// What it changes, given what there is; `None` if it failed, which `finish` will tell.
    fn plan(&mut self, kept: &Kept) -> Option<Plan>;

    /// Answers it.
    fn finish(self: Box<Self>, result: Result<(), ApiError>);
}

/// What the thread is asked to do.
pub(crate) enum Order {
    /// To make a change together with others.
    Change(Box<dyn Job>),
    /// To let somebody change the store alone; what is looked up is made anew afterwards.
    Alone(Box<dyn FnOnce(&mut Store) + Send>),
    /// To take in what other processes have changed, and say so.
    Refresh(Sender<Result<(), ApiError>>),
}

/// Why a change was not made.
pub(super) enum Unmade {
    /// Another process was faster: it may be made on what is there now.
    Overtaken,
    Failed(ApiError),
}

impl From<StoreError> for Unmade {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overtaken => Self::Overtaken,
            error => Self::Failed(error.into()),
        }
    }
}

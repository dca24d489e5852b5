//! Many threads that change one file: whatever waits while a transaction is synced becomes durable with
//! the next one, so that threads share the price of a sync.

use super::error::StoreError;
use super::storage::Batch;
use super::tables::Head;
use std::sync::{Condvar, Mutex, PoisonError};

/// Batches on their way to disk.
#[derive(Debug, Default)]
pub(super) struct Group {
    state: Mutex<State>,
    written: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// What goes into the next round.
    waiting: Vec<Batch>,
    /// Rounds that were begun.
    begun: u64,
    /// Rounds that ended.
    ended: u64,
    /// The first round that failed, so that file and memory may differ: nothing is written after it.
    failed: Option<u64>,
    /// What holds after all rounds.
    head: Option<Head>,
}

impl Group {
    /// Whether a round has failed, so that nothing is written any more.
    pub(super) fn has_failed(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failed.is_some()
    }

    /// Returns when the batch is durable. One of the waiting threads calls `write` with all batches that
    /// wait and the head after them, and gets its error; the others of its round, and all later ones,
    /// get `failed`.
    pub(super) fn commit(
        &self,
        batch: Batch,
        failed: impl Fn() -> StoreError,
        write: impl Fn(&[Batch], Option<Head>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let lock = || self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = lock();
        state.waiting.push(batch);
        let round = state.begun + 1;
        while state.begun > state.ended || state.ended >= round {
            if state.ended >= round {
                return match state.failed {
                    Some(first) if first <= round => Err(failed()),
                    _ => Ok(()),
                };
            }
            let waited = self.written.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        // Nobody writes and this batch still waits: it is this thread's turn.
        let batches = std::mem::take(&mut state.waiting);
        state.begun = round;
        let heads = batches.iter().filter_map(|batch| batch.head);
        state.head = state.head.into_iter().chain(heads).reduce(Head::later);
        let (head, has_failed) = (state.head, state.failed.is_some());
        drop(state);
        let written = match has_failed {
            true => Err(failed()),
            false => write(&batches, head),
        };
        let mut state = lock();
        state.ended = round;
        if written.is_err() && state.failed.is_none() {
            state.failed = Some(round);
        }
        drop(state);
        self.written.notify_all();
        written
    }
}

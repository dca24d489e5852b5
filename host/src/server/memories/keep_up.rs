//! Keeping up with other processes that change the same memories.
//!
//! A request is answered from what this process has in memory, so it first has to hear what others have
//! made durable before it came. One thread asks the database for all requests that wait, in one round trip;
//! if others have changed something, the writer takes it in before they are answered.

use super::kept::Kept;
use super::order::Order;
use crate::server::error::ApiError;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::oneshot;

/// Who waits until what was changed before is in memory.
type Waiting = oneshot::Sender<Result<(), ApiError>>;

/// Where requests wait.
#[derive(Debug)]
pub(super) struct KeepUp(Sender<Waiting>);

impl KeepUp {
    /// Starts the thread that asks; nobody has to wait where no other process changes the memories.
    pub(super) fn start(
        kept: &Arc<RwLock<Kept>>,
        orders: &SyncSender<Order>,
    ) -> std::io::Result<Option<Self>> {
        let store = kept.read().unwrap_or_else(PoisonError::into_inner);
        if !store.is_shared() {
            return Ok(None);
        }
        let (sender, waiting) = channel();
        let (kept, orders) = (Arc::clone(kept), orders.clone());
        let thread = std::thread::Builder::new().name("memt-keep-up".to_owned());
        thread.spawn(move || run(&kept, &orders, &waiting))?;
        Ok(Some(Self(sender)))
    }

    /// Returns when everything is in memory that any process made durable before.
    pub(super) async fn wait(&self) -> Result<(), ApiError> {
        let (sender, receiver) = oneshot::channel();
        self.0.send(sender).map_err(|_| super::gone())?;
        receiver.await.map_err(|_| super::gone())?
    }
}

fn run(kept: &RwLock<Kept>, orders: &SyncSender<Order>, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        // Those who come after the question has been asked wait for the next one.
        let mut together = vec![first];
        together.extend(waiting.try_iter());
        let store = kept.read().unwrap_or_else(PoisonError::into_inner);
        let current = store.is_current();
        drop(store);
        let refreshed = match current {
            Ok(true) => Ok(()),
            Ok(false) => refreshed(orders),
            Err(error) => Err(error.into()),
        };
        for waiting in together {
            // Whoever asked may have gone.
            drop(waiting.send(refreshed.clone()));
        }
    }
}

/// Has the writer take in what others have changed.
fn refreshed(orders: &SyncSender<Order>) -> Result<(), ApiError> {
    let (sender, done) = channel();
    orders
        .send(Order::Refresh(sender))
        .map_err(|_| super::gone())?;
    done.recv().map_err(|_| super::gone())?
}

//! Memories as applications use them: any surface (mem0, MCP, the inspector) calls [`Memories`].
//!
//! Each call takes the [`Access`] of the request and never shows or changes what that does not open.
//! Reading happens where it is called; changes go to one thread ([`writer`]) and return when they are
//! durable and can be read.

mod change;
mod deliver;
mod entities;
pub mod events;
mod feedback;
pub mod filter;
mod index;
pub mod journal;
mod keep_up;
mod kept;
pub mod memory;
mod order;
pub mod scope;
mod search;
mod writer;

pub use change::{Added, NewText, Updates};
pub use entities::EntityCount;
pub use feedback::{Learned, Opinion};
pub use filter::{Dialect, Filter};
pub use kept::Kept;
pub use memory::Memory;
pub use scope::{Kind, Scope};
pub use search::{Found, Listing, Search};

use super::access::Access;
use super::error::ApiError;
use crate::model::TextEncoder;
use crate::store::{Store, StoreError, take_turns};
use axum::http::HeaderValue;
use deliver::Post;
use events::Events;
use feedback::Asked;
use journal::{Past, Webhook};
use keep_up::KeepUp;
use memory::today;
use memt_core::slot::Key;
use order::{Job, Order, Plan};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use tokio::sync::oneshot;
use uuid::Uuid;
use writer::{Accesses, Writer};

/// Most changes that wait for the thread that makes them: some seconds of its work. Further ones are refused.
const MOST_WAITING: usize = 4096;

/// Seconds after which a refused change may be asked for again.
const ASK_AGAIN: u32 = 1;

/// The memories of a server.
#[derive(Debug)]
pub struct Memories {
    kept: Arc<RwLock<Kept>>,
    accesses: Arc<Accesses>,
    encoder: TextEncoder<'static>,
    orders: SyncSender<Order>,
    keep_up: Option<KeepUp>,
    post: Post,
    asked: Asked,
    /// What was asked for lately.
    pub events: Events,
}

impl Memories {
    /// Those of a store, and the thread that changes them; it ends when the memories are dropped.
    pub(super) fn start(
        store: Store,
        encoder: TextEncoder<'static>,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let kept = Arc::new(RwLock::new(Kept::of(store)));
        let accesses = Arc::new(Accesses::default());
        let (orders, received) = sync_channel(MOST_WAITING);
        let writer = Writer::new(Arc::clone(&kept), Arc::clone(&accesses), encoder);
        let thread = std::thread::Builder::new().name("memt-writer".to_owned());
        let thread = thread.spawn(move || writer.run(&received))?;
        let memories = Self {
            keep_up: KeepUp::start(&kept, &orders)?,
            kept,
            accesses,
            encoder,
            orders,
            post: Post::start()?,
            asked: Asked::default(),
            events: Events::default(),
        };
        Ok((memories, thread))
    }

    /// The store, to be read. Held for as short as can be, and never across an `await`.
    pub fn read(&self) -> RwLockReadGuard<'_, Kept> {
        // A change reaches memory whole or not at all.
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when what is read is at least what any process had made durable when this was called.
    pub async fn bring_up_to_date(&self) -> Result<(), ApiError> {
        match &self.keep_up {
            Some(keep_up) => keep_up.wait().await,
            None => Ok(()),
        }
    }

    /// Lets `work` change the store while nobody reads: for imports and upkeep. It is called again if
    /// another process was faster.
    pub async fn alone<R: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Store) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let (sender, receiver) = oneshot::channel();
        let order = Order::Alone(Box::new(move |store| {
            let done = take_turns(|| {
                store.refresh()?;
                work(store)
            });
            // Whoever asked may have gone.
            drop(sender.send(done));
        }));
        self.order(order)?;
        Ok(receiver.await.map_err(|_| gone())??)
    }

    /// The memory of an id, if this access opens it.
    pub fn get(&self, access: &Access, id: &str) -> Result<Memory, ApiError> {
        let kept = self.read();
        let key = key_of(&kept, access, id)?;
        let memory = memory_of(&kept, key).filter(|memory| !memory.is_expired(today()));
        memory.ok_or_else(|| unknown(id))
    }

    /// What became of a memory, oldest first: one that was deleted too.
    pub fn history(
        &self,
        access: &Access,
        id: &str,
    ) -> Result<(Option<Memory>, Vec<Past>), ApiError> {
        let uuid = parse_id(id)?;
        let kept = self.read();
        let mut past = kept.journal.history(&kept.store, uuid);
        past.retain(|past| access.opens(&past.owner));
        let memory = match key_of(&kept, access, id) {
            Ok(key) => memory_of(&kept, key),
            Err(_) => None,
        };
        if memory.is_none() && past.is_empty() {
            return Err(unknown(id));
        }
        Ok((memory, past))
    }

    /// How many memories this access opens.
    pub fn count(&self, access: &Access) -> usize {
        let kept = self.read();
        let Some(owners) = &access.owners else {
            return kept.bank().len();
        };
        let owners = owners.iter().filter_map(|name| kept.owner(name).ok());
        owners
            .map(|owner| kept.bank().owned_by(Some(owner)).count())
            .sum()
    }

    /// Tells webhooks what became of memories.
    fn tell(&self, event: &str, memories: &[Memory]) {
        let kept = self.read();
        let webhooks: Vec<Webhook> = kept
            .journal
            .webhooks(&kept.store)
            .into_iter()
            .map(|(_, webhook)| webhook)
            .collect();
        drop(kept);
        if !webhooks.is_empty() {
            self.post.tell(&webhooks, event, memories);
        }
    }

    /// Has a change made and waits until it is durable. `plan` may be called again.
    async fn change<R: Send + 'static>(
        &self,
        plan: impl FnMut(&Kept) -> Result<(Plan, R), ApiError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let (sender, receiver) = oneshot::channel();
        let job = Request {
            plan,
            planned: None,
            sender,
        };
        self.order(Order::Change(Box::new(job)))?;
        receiver.await.map_err(|_| gone())?
    }

    fn order(&self, order: Order) -> Result<(), ApiError> {
        self.orders.try_send(order).map_err(|error| match error {
            TrySendError::Full(_) => too_many(),
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

fn too_many() -> ApiError {
    ApiError::unavailable(format!(
        "{MOST_WAITING} changes wait already; ask again in {ASK_AGAIN} s"
    ))
    .with("retry-after", HeaderValue::from(ASK_AGAIN))
}

fn gone() -> ApiError {
    ApiError::unavailable("the server is stopping")
}

/// A change that somebody waits for.
struct Request<P, R> {
    plan: P,
    planned: Option<Result<R, ApiError>>,
    sender: oneshot::Sender<Result<R, ApiError>>,
}

impl<P, R> Job for Request<P, R>
where
    P: FnMut(&Kept) -> Result<(Plan, R), ApiError> + Send,
    R: Send,
{
    fn plan(&mut self, kept: &Kept) -> Option<Plan> {
        match (self.plan)(kept) {
            Ok((plan, reply)) => {
                self.planned = Some(Ok(reply));
                Some(plan)
            }
            Err(error) => {
                self.planned = Some(Err(error));
                None
            }
        }
    }

    fn finish(self: Box<Self>, result: Result<(), ApiError>) {
        let planned = self.planned.unwrap_or_else(|| Err(gone()));
        // Whoever asked may have gone.
        drop(self.sender.send(result.and(planned)));
    }
}

/// Reads an id.
fn parse_id(id: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(id).map_err(|_| ApiError::not_found(format!("`{id}` is no id of a memory")))
}

fn unknown(id: &str) -> ApiError {
    ApiError::not_found(format!("there is no memory {id}"))
}

/// The key of an id, if this access opens the memory; what it does not open is as if it were not there.
fn key_of(kept: &Kept, access: &Access, id: &str) -> Result<Key, ApiError> {
    let key = kept.index.key(&kept.store, parse_id(id)?);
    let slot = key.and_then(|key| kept.store.bank().get(key));
    let slot = slot.filter(|slot| access.opens(&kept.store.owner_name(slot.facts.owner)));
    slot.map(|slot| slot.facts.key).ok_or_else(|| unknown(id))
}

fn memory_of(kept: &Kept, key: Key) -> Option<Memory> {
    Memory::of(&kept.store, kept.index.id(&kept.store, key), key)
}

#[cfg(test)]
mod tests;

//! The one thread that changes memories.
//!
//! Requests that come together become one transaction, so that many clients share one wait for the disk;
//! each is answered once its change is durable and others can read it.

use super::index::Index;
use super::journal::{Journal, Note};
use super::kept::Kept;
use super::order::{Job, Order, Plan, Unmade};
use crate::model::TextEncoder;
use crate::server::error::ApiError;
use crate::store::{Change, Store, StoreError, step_back, take_turns};
use memt_core::slot::{Key, Timestamp};
use memt_core::write::Learned;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Most requests in one transaction.
const MOST_REQUESTS: usize = 256;

/// Bytes of texts after which a transaction takes no further request.
const ENOUGH_BYTES: usize = 16 << 20;

/// How long what need not be on disk at once waits for a change to go with.
const UNSTORED_FOR: Duration = Duration::from_secs(5);

/// How often requests are tried together before each is tried alone.
const TRIES_TOGETHER: u32 = 8;

/// How often it is stored which memories were found: each is a row to be written anew.
const ACCESSES_EVERY: Duration = Duration::from_secs(5);

/// Such rows at once.
const ACCESSES_AT_ONCE: usize = 512;

/// Memories that may wait to be told from their like before requests wait for them.
const FIT_LATER: usize = 4096;

/// How often memories were found since it was last stored.
pub(crate) type Accesses = Mutex<HashMap<Key, Timestamp>>;

pub(crate) struct Writer {
    kept: Arc<RwLock<Kept>>,
    accesses: Arc<Accesses>,
    encoder: TextEncoder<'static>,
    accesses_taken: Cell<Instant>,
    /// New memories that are still to be told from their like: when nobody waits.
    to_fit: RefCell<VecDeque<Key>>,
    /// Times in a row that other processes were faster.
    overtaken: Cell<u32>,
}

impl Writer {
    pub(crate) fn new(
        kept: Arc<RwLock<Kept>>,
        accesses: Arc<Accesses>,
        encoder: TextEncoder<'static>,
    ) -> Self {
        Self {
            kept,
            accesses,
            encoder,
            accesses_taken: Cell::new(Instant::now()),
            to_fit: RefCell::default(),
            overtaken: Cell::new(0),
        }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(self, orders: &Receiver<Order>) {
        let mut waiting: Vec<Box<dyn Job>> = Vec::new();
        let mut next = None;
        loop {
            let order = match next.take() {
                Some(order) => Ok(order),
                None => self.next(orders),
            };
            match order {
                Ok(Order::Change(job)) => {
                    waiting.push(job);
                    while waiting.len() < MOST_REQUESTS {
                        match orders.try_recv() {
                            Ok(Order::Change(job)) => waiting.push(job),
                            Ok(other) => {
                                next = Some(other);
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    while !waiting.is_empty() {
                        waiting = self.transact(std::mem::take(&mut waiting));
                    }
                }
                Ok(Order::Alone(work)) => self.alone(work),
                Ok(Order::Refresh(waiting)) => {
                    // Whoever asked may have gone.
                    drop(waiting.send(self.refresh().map_err(ApiError::from)));
                }
                Err(RecvTimeoutError::Timeout) => self.store_rest(),
                Err(RecvTimeoutError::Disconnected) => {
                    self.store_rest();
                    return;
                }
            }
        }
    }

    /// The next order; until there is one, new memories are told from their like.
    fn next(&self, orders: &Receiver<Order>) -> Result<Order, RecvTimeoutError> {
        let mut fitted = false;
        while !self.to_fit.borrow().is_empty() {
            match orders.try_recv() {
                Ok(order) => return Ok(order),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {
                    self.fit_one();
                    fitted = true;
                }
            }
        }
        // What this process has fitted, others should answer by as well.
        if fitted && self.is_shared() {
            self.store_rest();
        }
        orders.recv_timeout(UNSTORED_FOR)
    }

    fn is_shared(&self) -> bool {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.store.is_shared()
    }

    /// Makes the changes of as many requests as go together; returns the others.
    fn transact(&self, jobs: Vec<Box<dyn Job>>) -> Vec<Box<dyn Job>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (mut together, mut others) = (Vec::new(), Vec::new());
        let mut touched = HashSet::new();
        let mut whole = Plan::default();
        let mut bytes = 0;
        for mut job in jobs {
            if bytes > ENOUGH_BYTES {
                others.push(job);
                continue;
            }
            let Some(plan) = job.plan(&kept) else {
                job.finish(Ok(()));
                continue;
            };
            if plan.touched.iter().any(|id| touched.contains(id)) {
                others.push(job);
                continue;
            }
            bytes += plan
                .add
                .iter()
                .map(|entry| entry.slot.text().len())
                .sum::<usize>();
            touched.extend(plan.touched);
            whole.add.extend(plan.add);
            whole.forget.extend(plan.forget);
            whole.notes.extend(plan.notes);
            whole.remove_notes.extend(plan.remove_notes);
            whole.judge.extend(plan.judge);
            whole.take_back.extend(plan.take_back);
            together.push(job);
        }
        if together.is_empty() {
            return others;
        }
        drop(kept);
        match self.commit(whole) {
            Ok(added) => {
                self.overtaken.set(0);
                for job in together {
                    job.finish(Ok(()));
                }
                self.to_fit.borrow_mut().extend(added);
                while self.to_fit.borrow().len() > FIT_LATER {
                    self.fit_one();
                }
            }
            Err(Unmade::Overtaken) => {
                tracing::debug!(
                    requests = together.len(),
                    "another process was faster; changes are made anew"
                );
                let tried = self.overtaken.get();
                self.overtaken.set(tried + 1);
                let refreshed = step_back(tried).and_then(|()| self.refresh());
                if tried < TRIES_TOGETHER && refreshed.is_ok() {
                    together.append(&mut others);
                    return together;
                }
                self.overtaken.set(0);
                for job in together {
                    self.transact_alone(job);
                }
            }
            // One bad request must not fail those that came with it.
            Err(Unmade::Failed(error)) if together.len() > 1 => {
                tracing::warn!(%error, requests = together.len(), "changes are tried one by one");
                for job in together {
                    self.transact_alone(job);
                }
            }
            Err(Unmade::Failed(error)) => {
                for job in together {
                    job.finish(Err(error.clone()));
                }
            }
        }
        others
    }

    /// Makes the change of one request, as often as other processes are faster.
    fn transact_alone(&self, mut job: Box<dyn Job>) {
        let result = take_turns(|| {
            self.refresh()?;
            let plan = job.plan(&self.kept.read().unwrap_or_else(PoisonError::into_inner));
            match plan.map_or(Ok(Vec::new()), |plan| self.commit(plan)) {
                Err(Unmade::Overtaken) => Err(StoreError::Overtaken),
                Err(Unmade::Failed(error)) => Ok(Err(error)),
                Ok(_) => Ok(Ok(())),
            }
        });
        job.finish(result.map_err(ApiError::from).flatten());
    }

    /// Takes in what other processes have changed.
    fn refresh(&self) -> Result<(), StoreError> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let news = kept.store.news()?;
        drop(kept);
        if let Some(news) = news {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            kept.hear(news);
        }
        Ok(())
    }

    fn commit(&self, plan: Plan) -> Result<Vec<Key>, Unmade> {
        if self.accesses_taken.get().elapsed() >= ACCESSES_EVERY {
            self.take_accesses();
        }
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<Key> = plan.forget.iter().map(|deletion| deletion.key).collect();
        let replaced = plan.add.iter().filter_map(|entry| {
            let owner = kept.store.owner(&entry.owner_name).ok()?;
            kept.store.key_of(owner, entry.external_id.as_deref()?)
        });
        let gone: Vec<Key> = gone.into_iter().chain(replaced).collect();
        let first = kept.journal.next();
        let numbered: Vec<(u64, Note)> = (first..).zip(plan.notes).collect();
        let mut notes = Vec::with_capacity(numbered.len() + plan.remove_notes.len());
        for (number, note) in &numbered {
            let bytes = serde_json::to_vec(note);
            let bytes = bytes.map_err(|error| Unmade::Failed(ApiError::internal(error)))?;
            notes.push((*number, Some(bytes)));
        }
        notes.extend(plan.remove_notes.iter().map(|&number| (number, None)));
        let durable = kept.store.make_durable(Change {
            add: plan.add,
            forget: plan.forget,
            notes,
            judge: plan.judge,
            take_back: plan.take_back,
        })?;
        drop(kept);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let Kept {
            store,
            index,
            journal,
        } = &mut *kept;
        for &key in &gone {
            index.forget(store, key);
        }
        let added = store.take_in(durable);
        for &key in &added {
            index.learn(store, key);
        }
        for &number in &plan.remove_notes {
            journal.forget(number);
        }
        for (number, note) in &numbered {
            journal.learn(*number, note);
        }
        Ok(added)
    }

    /// Tells a new memory from those that say nearly the same.
    fn fit_one(&self) {
        let Some(key) = self.to_fit.borrow_mut().pop_front() else {
            return;
        };
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let has_rivals = kept.store.has_rivals(key);
        drop(kept);
        if has_rivals {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            match kept.store.fit_later(key, &self.encoder) {
                Ok(Some(learned)) => note_fit(key, &learned),
                // It was forgotten meanwhile.
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, %key, "a memory could not be told from its like");
                }
            }
        }
    }

    fn take_accesses(&self) {
        self.accesses_taken.set(Instant::now());
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        let some: Vec<Key> = accesses.keys().take(ACCESSES_AT_ONCE).copied().collect();
        let taken = some
            .into_iter()
            .filter_map(|key| accesses.remove_entry(&key));
        let taken: Vec<(Key, Timestamp)> = taken.collect();
        drop(accesses);
        if taken.is_empty() {
            return;
        }
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        for (key, at) in taken {
            kept.store.record_access_later(key, at);
        }
    }

    fn store_rest(&self) {
        self.take_accesses();
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let unstored = kept.store.has_unstored() && !kept.store.is_read_only();
        drop(kept);
        // If another process was faster, it goes with the next change.
        if unstored && let Err(Unmade::Failed(error)) = self.commit(Plan::default()) {
            tracing::error!(%error, "what was fitted and read could not be stored");
        }
    }

    fn alone(&self, work: Box<dyn FnOnce(&mut Store) + Send>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        work(&mut kept.store);
        kept.index = Index::of(&kept.store);
        kept.journal = Journal::of(&kept.store);
    }
}

/// Says what a fit did: nobody waits for it, so it is in no answer.
fn note_fit(key: Key, learned: &Learned) {
    let Learned { fit, rival } = learned;
    let similarity = fit.verification.similarity.to_f32();
    tracing::debug!(%key, steps = fit.steps, similarity, "fitted among similar memories");
    if let Some((key, fit)) = rival {
        let similarity = fit.verification.similarity.to_f32();
        tracing::debug!(%key, steps = fit.steps, similarity, "fitted anew for a newcomer");
    }
}

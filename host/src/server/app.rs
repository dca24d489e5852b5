//! What all requests share.

use super::access::{Keys, Pace};
use super::mem0::Events;
use super::memories::{Kept, Memories};
use super::metrics::Metrics;
use super::settings::Settings;
use crate::model::TextEncoder;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLockReadGuard};
use std::time::Instant;

/// What all requests share, as handlers take it: `State<Shared>`.
pub type Shared = Arc<App>;

/// What all requests share.
#[derive(Debug)]
pub struct App {
    /// The settings in force.
    pub settings: Settings,
    /// Texts to embeddings, for as long as the process runs.
    pub encoder: TextEncoder<'static>,
    pub(super) keys: Keys,
    pub(super) pace: Option<Pace>,
    pub(super) metrics: Metrics,
    /// When the server started.
    pub started: Instant,
    /// The memories.
    pub memories: Memories,
    pub(super) events: Events,
    stopping: AtomicBool,
}

impl App {
    pub(super) fn new(
        settings: Settings,
        encoder: TextEncoder<'static>,
        memories: Memories,
        keys: Keys,
    ) -> Self {
        Self {
            pace: settings.rate.map(Pace::new),
            settings,
            encoder,
            keys,
            metrics: Metrics::default(),
            started: Instant::now(),
            memories,
            events: Events::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// The memories, to be read. Held for as short as can be, and never across an `await`.
    pub fn store(&self) -> RwLockReadGuard<'_, Kept> {
        self.memories.read()
    }

    /// Whether the server takes no more requests.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

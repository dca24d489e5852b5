//! What all requests share.

use super::access::{Keys, Pace};
use super::device::Device;
use super::error::ApiError;
use super::memories::{Kept, Memories};
use super::metrics::Metrics;
use super::settings::Settings;
use crate::insight::{Described, Lexicon, LexiconError};
use crate::model::{Model, TextEncoder};
use memt_core::embedding::Embedding;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, RwLockReadGuard};
use std::time::Instant;

/// What all requests share, as handlers take it: `State<Shared>`.
pub type Shared = Arc<App>;

/// What all requests share.
#[derive(Debug)]
pub struct App {
    /// The settings in force.
    pub settings: Settings,
    /// The model, and its words once somebody asks for them.
    model: &'static Model,
    lexicon: OnceLock<Result<Lexicon, LexiconError>>,
    /// Texts to embeddings, for as long as the process runs.
    pub encoder: TextEncoder<'static>,
    pub(super) keys: Keys,
    pub(super) pace: Option<Pace>,
    pub(super) metrics: Metrics,
    /// When the server started.
    pub started: Instant,
    /// The memories.
    pub memories: Memories,
    pub(super) device: Option<Device>,
    stopping: AtomicBool,
}

impl App {
    pub(super) fn new(
        settings: Settings,
        model: &'static Model,
        encoder: TextEncoder<'static>,
        memories: Memories,
        keys: Keys,
    ) -> Self {
        Self {
            pace: settings.rate.map(Pace::new),
            device: settings
                .device
                .clone()
                .map(|(port, baud)| Device::at(port, baud)),
            settings,
            model,
            lexicon: OnceLock::new(),
            encoder,
            keys,
            metrics: Metrics::default(),
            started: Instant::now(),
            memories,
            stopping: AtomicBool::new(false),
        }
    }

    /// The memories, to be read. Held for as short as can be, and never across an `await`.
    pub fn store(&self) -> RwLockReadGuard<'_, Kept> {
        self.memories.read()
    }

    /// The words that a vector stands for, at most `count`. The first call encodes all words of the model,
    /// which takes a while.
    pub fn describe(&self, vector: &Embedding, count: usize) -> Result<Vec<Described>, ApiError> {
        let lexicon = self
            .lexicon
            .get_or_init(|| Lexicon::of(self.model, &self.encoder));
        match lexicon {
            Ok(lexicon) => Ok(lexicon.describe(vector, count)),
            Err(error) => Err(ApiError::not_implemented(error)),
        }
    }

    /// Whether the server takes no more requests.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

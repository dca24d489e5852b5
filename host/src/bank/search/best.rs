//! The best hits that threads have found together.

use memt_core::query::Hit;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// The best hits so far, and how good a further one has to be.
pub(super) struct Best {
    pub(super) top_k: usize,
    hits: Mutex<Vec<Hit>>,
    /// Bits of a score that is not negative, so that greater bits are greater scores.
    least: AtomicU32,
}

impl Best {
    pub(super) fn new(top_k: usize, min_score: f32) -> Self {
        Self {
            top_k,
            hits: Mutex::new(Vec::new()),
            least: AtomicU32::new(min_score.max(0.0).to_bits()),
        }
    }

    /// The score below which a hit is of no use.
    pub(super) fn least(&self) -> f32 {
        f32::from_bits(self.least.load(Ordering::Relaxed))
    }

    pub(super) fn offer(&self, hits: Vec<Hit>) {
        if hits.is_empty() {
            return;
        }
        // A thread that panicked has left whole hits behind.
        let mut kept = self.hits.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(hits);
        *kept = keep_best(std::mem::take(&mut *kept), self.top_k);
        self.raise(worst(&kept, self.top_k));
    }

    fn raise(&self, least: f32) {
        self.least.fetch_max(least.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn into_hits(self) -> Vec<Hit> {
        let hits = self.hits.into_inner();
        let mut hits = hits.unwrap_or_else(PoisonError::into_inner);
        hits.sort_unstable_by(Hit::order);
        hits
    }
}

/// The score of the last of `top_k` hits; 0 if there are fewer.
pub(super) fn worst(hits: &[Hit], top_k: usize) -> f32 {
    if hits.len() < top_k {
        return 0.0;
    }
    let totals = hits.iter().map(|hit| hit.score.total);
    totals.fold(f32::INFINITY, f32::min)
}

/// The best `top_k` of some hits, in no order.
pub(super) fn keep_best(mut hits: Vec<Hit>, top_k: usize) -> Vec<Hit> {
    if top_k > 0 && top_k < hits.len() {
        hits.select_nth_unstable_by(top_k - 1, Hit::order);
    }
    hits.truncate(top_k);
    hits
}

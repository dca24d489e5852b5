//! From cosine, words and strength to one number.

use crate::embedding::{Cosine, Embedding, Root};
use crate::overlap::{QueryTerm, bm25};
use crate::slot::{Factor, SlotView, Timestamp};
use serde::{Deserialize, Serialize};

/// Which evidence counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Meaning and words.
    #[default]
    Fused,
    /// Meaning only.
    Dense,
    /// Words only.
    Lexical,
}

/// BM25 that weighs as much as equal direction. Chosen on the development sets, where 12 to 20
/// differ by less than two points, and dialogue prefers the lower end.
pub const BM25_SCALE: f32 = 16.0;

/// Evidence that gives a score of one half.
pub const HALF_EVIDENCE: f32 = 0.48;

/// What the strongest slot's score is multiplied by, relative to one that was never replayed.
pub const STRENGTH_SPAN: f32 = 0.05;

/// Age in seconds at which recency has lost half of its effect: 30 days.
pub const RECENCY_HALF_LIFE: f32 = 30.0 * 86_400.0;

/// The share of a score that recency can take away.
pub const RECENCY_SPAN: f32 = 0.1;

/// A score and its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The score, 0 to 1; what hits are ordered by.
    pub total: f32,
    /// Likeness of the embeddings, -1 to 1.
    pub cosine: f32,
    /// BM25, 0 and up.
    pub lexical: f32,
    /// The factor that strength and recency contributed, up to 1.
    pub factor: f32,
    /// What neighbours in time added to `total`.
    pub neighbours: f32,
}

/// A question, ready to be compared with slots.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// Its embedding.
    pub embedding: &'q Embedding,
    /// The norm of the embedding.
    pub root: Root,
    /// Its terms, weighed for the memories that are searched.
    pub terms: &'q [QueryTerm],
    /// Mean length of these memories.
    pub mean_length: f32,
    /// Which evidence counts.
    pub mode: Mode,
    /// The present, if recent memories are to be preferred.
    pub recency: Option<Timestamp>,
}

impl Question<'_> {
    /// Compares the question with a slot.
    pub fn score(&self, slot: SlotView<'_>) -> Score {
        let cosine = match self.mode {
            Mode::Lexical => 0.0,
            _ => {
                let dot = self.embedding.dot(slot.embedding);
                Cosine::of(dot, self.root, slot.root()).to_f32()
            }
        };
        let lexical = match self.mode {
            Mode::Dense => 0.0,
            _ => bm25(slot.terms, self.terms, self.mean_length),
        };
        let factor = strength_factor(slot.facts.strength) * self.recency_factor(slot.facts.created);
        Score {
            total: fuse(cosine, lexical) * factor,
            cosine,
            lexical,
            factor,
            neighbours: 0.0,
        }
    }

    fn recency_factor(&self, created: Timestamp) -> f32 {
        let Some(now) = self.recency else {
            return 1.0;
        };
        let age = now.0.saturating_sub(created.0) as f32;
        1.0 - RECENCY_SPAN + RECENCY_SPAN * libm::exp2f(-age / RECENCY_HALF_LIFE)
    }
}

/// The score of two kinds of evidence: `e^4 / (e^4 + h^4)` with `e = max(cosine, 0) + bm25 / 16` and
/// `h =` [`HALF_EVIDENCE`].
///
/// The sum has an absolute scale, so that a score means the same for every question; the Hill curve
/// maps it to 0 to 1 without reordering. An equal text has cosine 1 and so at least 0.949.
pub fn fuse(cosine: f32, bm25: f32) -> f32 {
    let evidence = cosine.max(0.0) + bm25 / BM25_SCALE;
    let square = evidence * evidence;
    let fourth = square * square;
    const HALF: f32 = HALF_EVIDENCE * HALF_EVIDENCE * HALF_EVIDENCE * HALF_EVIDENCE;
    fourth / (fourth + HALF)
}

/// `1 - span + span (strength - 1)`, for strength 1 to 2: never replayed 0.95, fully replayed 1.
pub fn strength_factor(strength: Factor) -> f32 {
    let rehearsed = (strength.to_f32() - 1.0).clamp(0.0, 1.0);
    1.0 - STRENGTH_SPAN + STRENGTH_SPAN * rehearsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_adds_and_stays_in_bounds() {
        assert!((fuse(1.0, 0.0) - 0.949_6).abs() < 1e-3);
        assert_eq!(fuse(-0.5, 0.0), 0.0);
        assert!((fuse(0.48, 0.0) - 0.5).abs() < 1e-6);
        assert!((fuse(0.24, 0.24 * BM25_SCALE) - 0.5).abs() < 1e-6);
        assert!(fuse(1.0, 1e3) <= 1.0);
    }

    #[test]
    fn more_evidence_scores_more() {
        let scores: [f32; 400] = core::array::from_fn(|i| fuse(0.5, i as f32 * 0.2));
        assert!(scores.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn strength_is_bounded() {
        assert!((strength_factor(Factor::ONE) - 0.95).abs() < 1e-6);
        assert_eq!(strength_factor(Factor::MAX), 1.0);
        assert_eq!(strength_factor(Factor(0)), strength_factor(Factor::ONE));
        assert_eq!(strength_factor(Factor(u16::MAX)), 1.0);
    }
}

//! What was said of answers: judged questions, which lift or lower a slot for questions like them.
//!
//! A bank keeps, for each judged question, its embedding q, the slot k and a weight w. A question p adds
//! to the evidence of the slot
//!
//! ```text
//! sum over the slot's judged questions of  w max(0, cos(p, q) - T) / (1 - T)      held to +-MOST
//! ```
//!
//! with T = [`NEAR`] and MOST = [`MOST`]. The weight is what was lacking when the question was judged: so
//! much that the slot would have been [`MARGIN`] before, or behind, its best rival (a passive-aggressive
//! update, PA-I, of a kernel machine: Crammer et al., "Online Passive-Aggressive Algorithms", 2006, section
//! 3). An answer that was right already teaches nothing.
//!
//! No vector moves and no other slot changes, so taking a judgement back restores every score exactly. What
//! slots are lifted by is summed in integers, so the order does not matter.

use crate::embedding::{Cosine, Embedding, Root};
use crate::score::Question;
use crate::slot::{Key, SlotView, Timestamp};
use core::cmp::Ordering;
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// The cosine from which questions are alike: 0.5. Chosen on the development sets of `memt eval --feedback`.
pub const NEAR: Cosine = Cosine::from_bits(8192);

/// How far before its best rival a right answer is to be, in evidence; a wrong one so far behind.
pub const MARGIN: f32 = 0.1;

/// The most evidence that judgements give or take.
pub const MOST: Weight = Weight(2048);

/// What is said of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// It answers the question.
    Positive,
    /// It does not.
    Negative,
    /// It does not at all: it falls as far as a judgement can make it.
    VeryNegative,
}

/// Evidence with 12 bits after the binary point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Weight(pub i16);

impl Weight {
    /// Bits after the binary point.
    const FRACTION_BITS: u32 = 12;

    /// The number, exact.
    pub fn to_f32(self) -> f32 {
        f32::from(self.0) / (1 << Self::FRACTION_BITS) as f32
    }

    /// The nearest weight, held to [`MOST`] on both sides; 0 for what is not a number.
    pub fn from_f32(evidence: f32) -> Self {
        let bits = libm::rintf(evidence * (1 << Self::FRACTION_BITS) as f32);
        Self(bits as i16).held()
    }

    /// The nearest weight that a judgement may have.
    pub fn held(self) -> Self {
        Self(self.0.clamp(-MOST.0, MOST.0))
    }
}

/// A question whose answer was judged. Its slot and its embedding name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The judged slot.
    pub key: Key,
    /// The question's embedding.
    pub question: Embedding,
    /// What the slot gains for the very same question.
    pub weight: Weight,
    /// When it was judged.
    pub time: Timestamp,
}

impl Judgement {
    /// The order in which judgements are kept: those of one slot together. Equal if both are of one slot and
    /// one question.
    pub fn order(&self, other: &Self) -> Ordering {
        let names = (self.key, self.question.as_bytes());
        names.cmp(&(other.key, other.question.as_bytes()))
    }

    /// The order in which judgements go when there are too many: the oldest first.
    pub fn age_order(&self, other: &Self) -> Ordering {
        self.time.cmp(&other.time).then(self.order(other))
    }

    /// How much of the weight a question gets: from 0 to [`Cosine::ONE`] - [`NEAR`].
    fn nearness(&self, question: &Embedding, root: Root) -> i64 {
        let own = Root::of(self.question.squared_norm());
        let cosine = Cosine::of(self.question.dot(question), own, root);
        i64::from((cosine.to_bits() - NEAR.to_bits()).max(0))
    }
}

/// What judgements add to the evidence of a slot for one question.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lift {
    /// The slot.
    pub key: Key,
    /// Evidence, at most [`MOST`] and at least its negative.
    pub evidence: f32,
}

/// The slots that judgements lift or lower for a question. `judged` are in their [order](Judgement::order).
pub fn lifts<'j>(
    judged: &'j [Judgement],
    question: &'j Embedding,
) -> impl Iterator<Item = Lift> + 'j {
    let root = Root::of(question.squared_norm());
    let of_slots = judged.chunk_by(|a, b| a.key == b.key);
    of_slots.filter_map(move |of_slot| {
        let gains = of_slot
            .iter()
            .map(|judgement| i64::from(judgement.weight.0) * judgement.nearness(question, root));
        let gain: i64 = gains.sum();
        (gain != 0).then(|| Lift {
            key: of_slot[0].key,
            evidence: scaled(gain),
        })
    })
}

/// Weights times nearness as evidence.
fn scaled(gain: i64) -> f32 {
    let whole = i64::from(Cosine::ONE.to_bits() - NEAR.to_bits());
    let most = i64::from(MOST.0) * whole;
    let held = gain.clamp(-most, most) as i32;
    held as f32 / (whole as i32 * (1 << Weight::FRACTION_BITS)) as f32
}

/// What a verdict on `judged` teaches, where `rival` is the best of the others and `question` knows of no
/// earlier verdict on the same slot and question.
pub fn weight(
    question: &Question<'_>,
    judged: SlotView<'_>,
    rival: Option<SlotView<'_>>,
    verdict: Verdict,
) -> Weight {
    let own = question.evidence(judged);
    let best = rival.map_or(0.0, |rival| question.evidence(rival));
    match verdict {
        Verdict::Positive => Weight::from_f32((best + MARGIN - own).max(0.0)),
        Verdict::Negative => Weight::from_f32((best - MARGIN - own).min(0.0)),
        Verdict::VeryNegative => Weight(-MOST.0),
    }
}

/// Up to `N` judged questions.
#[derive(Clone, Debug)]
pub(crate) struct Judgements<const N: usize> {
    /// In their order.
    judged: Vec<Judgement, N>,
}

impl<const N: usize> Judgements<N> {
    /// None.
    pub(crate) const fn new() -> Self {
        Self { judged: Vec::new() }
    }

    /// All, in their order.
    pub(crate) fn as_slice(&self) -> &[Judgement] {
        &self.judged
    }

    /// What they do for a question.
    pub(crate) fn lifts(&self, question: &Embedding) -> Vec<Lift, N> {
        // There are at most as many slots as judgements.
        lifts(&self.judged, question).collect()
    }

    /// Takes a judgement in; the older one of the same slot and question goes, else the oldest of all if
    /// there is no room. Returns what went, which is the judgement itself if there is no room for any.
    pub(crate) fn put(&mut self, judgement: Judgement) -> Option<Judgement> {
        let same = self.judged.binary_search_by(|kept| kept.order(&judgement));
        let gone = match same {
            Ok(at) => Some(self.judged.remove(at)),
            Err(_) if self.judged.is_full() => {
                let ages = self.judged.iter().enumerate();
                let oldest = ages.min_by(|a, b| a.1.age_order(b.1));
                let oldest = oldest.map(|(at, _)| at);
                oldest.map(|at| self.judged.remove(at))
            }
            Err(_) => None,
        };
        let at = self
            .judged
            .partition_point(|kept| kept.order(&judgement).is_lt());
        match self.judged.insert(at, judgement) {
            Ok(()) => gone,
            Err(refused) => Some(refused),
        }
    }

    /// Removes those that `goes` names; returns how many.
    pub(crate) fn remove(&mut self, goes: impl Fn(&Judgement) -> bool) -> usize {
        let before = self.judged.len();
        self.judged.retain(|judgement| !goes(judgement));
        before - self.judged.len()
    }

    /// Whether one is the oldest or older, and there is no room for it.
    pub(crate) fn is_too_old(&self, judgement: &Judgement) -> bool {
        let mut kept = self.judged.iter();
        self.judged.is_full() && kept.all(|kept| judgement.age_order(kept).is_lt())
    }
}

//! What a memory can score at most, from one inner product and the words in common: for banks so large
//! that most memories are best passed over unscored.

use crate::embedding::DIMENSIONS;
use crate::overlap::{K1, QueryTerm};
use crate::score::{
    BM25_SCALE, COVERAGE, IDENTITY, Mode, Question, SEQUENCE, SHORTNESS, TIME_EVIDENCE,
    strength_factor,
};
use crate::slot::Factor;
use crate::when::Period;

/// What the fixed-point cosine and the floats of a score may add to the exact one, for a common
/// direction that takes out at most 0.7.
const ROUNDING: f32 = 4e-4;

/// Bounds of what [`Question::score`] gives.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// w, `[D]`: the likeness of a memory with embedding d is at most `w d / |d|`, but for rounding.
    pub direction: [f32; DIMENSIONS],
    /// The time that the question speaks of.
    pub period: Option<Period>,
    half: f32,
    /// What a term's weight counts at most, alone and beside another.
    term_scale: f32,
    sequence_scale: f32,
}

impl Question<'_> {
    /// Its terms, weighed.
    pub fn terms(&self) -> &[QueryTerm] {
        self.terms
    }

    /// The bounds of its scores.
    ///
    /// With q, c and d the directions of question, common part and memory, the likeness is
    /// `(q d - r max(c d, 0)) / (1 - r q c)`, which is at most `w d` with `w = (q - r c) / (1 - r q c)`.
    pub fn bound(&self) -> Bound {
        let mut direction = [0.0; DIMENSIONS];
        if self.mode != Mode::Lexical {
            let removed = self.share * self.in_common;
            let rest = 1.0 - removed * self.in_common;
            let inverse = |root: f32| if root > 0.0 { 1.0 / root } else { 0.0 };
            let own = inverse(self.root.to_f32()) / rest;
            let common = removed * inverse(self.common_root.to_f32()) / rest;
            let pairs = self.embedding.0.iter().zip(&self.common.0);
            for (direction, (&q, &c)) in direction.iter_mut().zip(pairs) {
                *direction = own * f32::from(q) - common * f32::from(c);
            }
        }
        let counts = self.mode != Mode::Dense && self.weight > 0.0;
        Bound {
            direction,
            period: self.period,
            half: self.half,
            term_scale: match counts {
                true => (K1 + 1.0) / (BM25_SCALE * self.weight_root) + COVERAGE / self.weight,
                false => 0.0,
            },
            sequence_scale: match counts {
                true => 0.5 * SEQUENCE / self.weight,
                false => 0.0,
            },
        }
    }
}

impl Bound {
    /// What memories of at most `length` terms lack of their likeness's distance to 1, at least.
    pub fn shortness(length: u32) -> f32 {
        SHORTNESS / (length as f32 + 1.0)
    }

    /// The most evidence that meaning gives, for `likeness` at least `w d / |d|`, where memories lack
    /// [`shortness`](Self::shortness).
    #[inline]
    pub fn meaning(likeness: f32, shortness: f32) -> f32 {
        let likeness = (likeness + ROUNDING).clamp(0.0, 1.0);
        let likeness = (likeness - (1.0 - likeness) * shortness).max(0.0);
        let square = likeness * likeness;
        let fourth = square * square;
        likeness + IDENTITY * (fourth * fourth)
    }

    /// The most evidence that a memory gets from having a term of the question.
    pub fn term(&self, term: &QueryTerm) -> f32 {
        self.term_scale * term.weight
    }

    /// The most evidence that a memory gets besides from having two terms that follow each other in the question.
    pub fn sequence(&self, first: &QueryTerm, second: &QueryTerm) -> f32 {
        self.sequence_scale * (first.weight + second.weight)
    }

    /// The most evidence that a memory gets from having been written in [`period`](Self::period).
    pub const TIME: f32 = TIME_EVIDENCE;

    /// The least evidence with which memories of at most this strength can reach a score of `total`, a
    /// little below what the formula says.
    pub fn least_evidence(&self, total: f32, strongest: Factor) -> f32 {
        // Near 1 the curve is flat and floats tell nothing any more.
        let total = (total / strength_factor(strongest)).clamp(0.0, 0.999);
        let fourth = total / (1.0 - total);
        self.half * libm::sqrtf(libm::sqrtf(fourth)) * 0.999 - 1e-4
    }
}

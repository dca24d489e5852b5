//! From cosine, words and strength to one number.

use crate::embedding::{Cosine, Embedding, Root};
use crate::feedback::Lift;
use crate::overlap::{Overlap, QueryTerm, overlap};
use crate::slot::{Factor, Key, SlotView, Timestamp};
use crate::when::Period;
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

/// BM25 that counts as much as equal direction, for a question whose words weigh 1 in all: see
/// [`words`].
pub const BM25_SCALE: f32 = 8.0;

/// What having every word of the question counts: see [`words`].
pub const COVERAGE: f32 = 0.4;

/// What it counts that the words of the question follow each other: see [`words`].
pub const SEQUENCE: f32 = 0.6;

/// What a memory of one term lacks of its likeness's distance to 1: see [`meaning`].
pub const SHORTNESS: f32 = 1.0;

/// What near identity counts more than likeness: see [`evidence`].
pub const IDENTITY: f32 = 0.75;

/// Scales [`half_evidence`]. Chosen on the development sets, so that the default threshold answers about
/// one in twenty questions of other groups.
pub const HALF_EVIDENCE: f32 = 0.115;

/// Bounds of [`half_evidence`], before it doubles for an unknown name. A few short memories tell little of
/// chance; and above the upper bound a memory asked for in its own words would score less than 0.9.
pub const HALF_BOUNDS: [f32; 2] = [0.15, 0.85];

/// Evidence for a memory of the time that a question speaks of: enough to decide among memories of
/// one subject, too little to make an answer of another.
pub const TIME_EVIDENCE: f32 = 0.3;

/// How many times the evidence must be if the question names someone or something that no memory
/// contains.
pub const UNKNOWN_NAME: f32 = 2.0;

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
    /// The evidence that the time of writing gave.
    pub time: f32,
    /// The evidence that judged questions gave or took.
    pub feedback: f32,
    /// What neighbours in time added to `total`.
    pub neighbours: f32,
}

/// A question, ready to be compared with slots; made by [`Survey::question`](crate::survey::Survey).
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    pub(crate) embedding: &'q Embedding,
    pub(crate) root: Root,
    /// The direction that the searched memories have in common.
    pub(crate) common: Embedding,
    pub(crate) common_root: Root,
    /// Likeness of the question to it, 0 to 1.
    pub(crate) in_common: f32,
    /// How much of it is taken out, 0 to 1.
    pub(crate) share: f32,
    /// The weight of all terms.
    pub(crate) weight: f32,
    /// Its root.
    pub(crate) weight_root: f32,
    /// Evidence that gives a score of one half.
    pub(crate) half: f32,
    pub(crate) terms: &'q [QueryTerm],
    pub(crate) mean_length: f32,
    pub(crate) mode: Mode,
    pub(crate) period: Option<Period>,
    pub(crate) recency: Option<Timestamp>,
    /// What judged questions add, for the slots that they concern.
    pub(crate) lifts: &'q [Lift],
}

impl<'q> Question<'q> {
    /// The same question with what judgements add to it, which counts unless words alone do.
    pub fn lifted(self, lifts: &'q [Lift]) -> Self {
        match self.mode {
            Mode::Lexical => self,
            Mode::Fused | Mode::Dense => Self { lifts, ..self },
        }
    }

    /// The slots that judgements lift or lower.
    pub fn lifts(&self) -> &'q [Lift] {
        self.lifts
    }

    /// Compares the question with a slot.
    pub fn score(&self, slot: SlotView<'_>) -> Score {
        let (evidence, score) = self.compared(slot);
        let factor = strength_factor(slot.facts.strength) * self.recency_factor(slot.facts.created);
        Score {
            total: curve(evidence, self.half) * factor,
            factor,
            ..score
        }
    }

    /// The evidence that a slot answers, 0 and up: what [`score`](Self::score) makes its total of.
    pub fn evidence(&self, slot: SlotView<'_>) -> f32 {
        self.compared(slot).0
    }

    /// The evidence, and the parts of a score besides total and factor.
    #[inline]
    fn compared(&self, slot: SlotView<'_>) -> (f32, Score) {
        let (mut cosine, mut likeness) = (0.0, 0.0);
        if self.mode != Mode::Lexical {
            let dot = self.embedding.dot(slot.embedding);
            let root = slot.root();
            cosine = Cosine::of(dot, self.root, root).to_f32();
            // Floats save a long division. Where a norm is 0, 0 / 0 is not a number, and `max` gives 0.
            let dot = self.common.dot(slot.embedding) as f32;
            let common = dot / (self.common_root.to_f32() * root.to_f32());
            likeness = meaning(
                cosine,
                self.share * self.in_common,
                self.in_common,
                common.max(0.0),
                slot.terms.length(),
            );
        }
        let mut common = Overlap::default();
        if self.mode != Mode::Dense {
            common = overlap(slot.terms, self.terms, self.mean_length);
        }
        let words = words(common, self.weight, self.weight_root);
        let spoken_of = |period: Period| period.contains(slot.facts.created);
        let time = match self.period.is_some_and(spoken_of) {
            true => TIME_EVIDENCE,
            false => 0.0,
        };
        let feedback = self.feedback(slot.facts.key);
        let score = Score {
            cosine,
            lexical: common.bm25,
            time,
            feedback,
            ..Score::default()
        };
        (
            (evidence(likeness, words) + time + feedback).max(0.0),
            score,
        )
    }

    fn feedback(&self, key: Key) -> f32 {
        let lift = self.lifts.iter().find(|lift| lift.key == key);
        lift.map_or(0.0, |lift| lift.evidence)
    }

    fn recency_factor(&self, created: Timestamp) -> f32 {
        let Some(now) = self.recency else {
            return 1.0;
        };
        let age = now.0.saturating_sub(created.0) as f32;
        let half_lives = age / RECENCY_HALF_LIFE;
        1.0 - RECENCY_SPAN + RECENCY_SPAN * libm::expf(-half_lives * core::f32::consts::LN_2)
    }
}

/// What a cosine says once it is corrected for what any memory of this bank would have, 0 to 1.
///
/// Embeddings of one bank lean to a common direction, the more so the narrower its subject (Mu and
/// Viswanath, "All-but-the-Top", 2018). With q and d the likeness of question and memory to it, and
/// `removed` the share of `q` that is taken out,
/// `c' = (cosine - removed d) / (1 - removed q)`, held to 0 to 1, is what they share besides. A text
/// of few words lies near many questions by chance: with n terms it loses
/// `(1 - c')` [`SHORTNESS`]` / (n + 1)`. Equal texts keep 1 whatever the bank.
pub fn meaning(cosine: f32, removed: f32, q: f32, d: f32, length: u32) -> f32 {
    let likeness = ((cosine - removed * d) / (1.0 - removed * q)).clamp(0.0, 1.0);
    let short = SHORTNESS / (length as f32 + 1.0);
    (likeness - (1.0 - likeness) * short).max(0.0)
}

/// `bm25 / (8 sqrt(weight)) + (0.4 common + 0.6 sequence) / weight`, with the weight of the question's terms, of those
/// in common and of those that follow each other ([`Overlap::sequence`]); 0 without any.
///
/// BM25 grows with the length of a question. Divided by the root of what its words weigh, it means much
/// the same for all, and the share of the words that are there tells best whether a memory answers at all.
pub fn words(common: Overlap, weight: f32, weight_root: f32) -> f32 {
    match common.weight > 0.0 {
        true => {
            let shared = COVERAGE * common.weight + SEQUENCE * common.sequence;
            common.bm25 / (BM25_SCALE * weight_root) + shared / weight
        }
        false => 0.0,
    }
}

/// `meaning + 0.75 meaning^8 + words`: near identity is worth more than its likeness alone.
pub fn evidence(meaning: f32, words: f32) -> f32 {
    let square = meaning * meaning;
    let fourth = square * square;
    meaning + IDENTITY * (fourth * fourth) + words
}

/// `e^4 / (e^4 + half^4)`, 0 to 1.
///
/// Evidence has an absolute scale, so that a score means the same for every question; the Hill curve
/// maps it to 0 to 1 without reordering. An equal text has evidence of at least 1.75 and so, with `half` up to
/// 0.85, at least 0.947.
pub fn curve(evidence: f32, half: f32) -> f32 {
    let square = evidence * evidence;
    let fourth = square * square;
    let half = half * half;
    fourth / (fourth + half * half)
}

/// `0.115 sqrt(ln(memories + 1)) mean_length^(1/3)`, with a mean length of at least 1, held to 0.15 to 0.85, and twice that where a question names what
/// no memory contains: the evidence that gives a score of one half.
///
/// The best of many memories that have nothing to do with a question looks the better, the more there are:
/// the largest of N deviates grows as the root of ln N. And a long text has more words to meet by chance; the
/// third root is what the development sets show.
pub fn half_evidence(memories: u32, mean_length: f32, unknown_name: bool) -> f32 {
    let third_root = libm::expf(libm::logf(mean_length.max(1.0)) / 3.0);
    let chance = libm::sqrtf(libm::logf(memories as f32 + 1.0)) * third_root;
    let [least, most] = HALF_BOUNDS;
    let half = (HALF_EVIDENCE * chance).clamp(least, most);
    match unknown_name {
        true => UNKNOWN_NAME * half,
        false => half,
    }
}

/// `1 - span + span (strength - 1)`, for strength 1 to 2: never replayed 0.95, fully replayed 1.
pub fn strength_factor(strength: Factor) -> f32 {
    let rehearsed = (strength.to_f32() - 1.0).clamp(0.0, 1.0);
    1.0 - STRENGTH_SPAN + STRENGTH_SPAN * rehearsed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::COMMON_SHARE;

    #[test]
    fn the_curve_is_the_formula() {
        assert_eq!(curve(0.0, 0.7), 0.0);
        assert!((curve(0.7, 0.7) - 0.5).abs() < 1e-6);
        assert!((curve(1.4, 0.7) - 16.0 / 17.0).abs() < 1e-6);
        assert!(curve(1e3, 0.7) <= 1.0);
        let scores: [f32; 400] = core::array::from_fn(|i| curve(i as f32 * 0.01, 0.7));
        assert!(scores.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn equal_texts_keep_their_likeness_in_every_bank() {
        for common in [0.0, 0.3, 0.9, 1.0] {
            for length in [0, 1, 200] {
                let own = meaning(1.0, COMMON_SHARE * common, common, common, length);
                assert!((own - 1.0).abs() < 1e-6);
            }
        }
        let most = half_evidence(u32::MAX, 200.0, false);
        assert!(curve(evidence(1.0, 0.0), most) >= 0.947);
    }

    #[test]
    fn half_evidence_grows_with_what_chance_can_find() {
        let expected = 0.115 * f64::sqrt(f64::ln(201.0)) * f64::cbrt(9.0);
        let half = half_evidence(200, 9.0, false);
        assert!((f64::from(half) - expected).abs() < 1e-6);
        assert_eq!(half_evidence(200, 9.0, true), 2.0 * half);
        let of_memories = [1, 6, 60, 4096, u32::MAX].map(|n| half_evidence(n, 9.0, false));
        assert!(of_memories.is_sorted());
        let of_lengths = [0.0, 1.0, 9.0, 40.0, 1e9].map(|length| half_evidence(60, length, false));
        assert!(of_lengths.is_sorted());
        let bounds = [half_evidence(0, 1.0, false), half_evidence(60, 1e9, false)];
        assert_eq!(bounds, HALF_BOUNDS);
    }

    #[test]
    fn words_are_the_formula() {
        let common = Overlap {
            bm25: 6.0,
            weight: 4.0,
            sequence: 2.0,
        };
        let expected = 6.0 / 24.0 + (0.4 * 4.0 + 0.6 * 2.0) / 9.0;
        assert!((words(common, 9.0, 3.0) - expected).abs() < 1e-6);
        assert_eq!(words(Overlap::default(), 0.0, 0.0), 0.0);
    }

    #[test]
    fn what_is_common_and_what_is_short_says_less() {
        let plain = meaning(0.6, 0.0, 0.0, 0.0, 1_000_000);
        assert!((plain - 0.6).abs() < 1e-6);
        assert!((meaning(0.6, 0.3, 0.5, 0.5, 1_000_000) - 0.45 / 0.85).abs() < 1e-6);
        assert!((meaning(0.6, 0.0, 0.0, 0.0, 3) - 0.5).abs() < 1e-6);
        assert_eq!(meaning(-0.5, 0.3, 0.5, 0.5, 3), 0.0);
    }

    #[test]
    fn strength_is_bounded() {
        assert!((strength_factor(Factor::ONE) - 0.95).abs() < 1e-6);
        assert_eq!(strength_factor(Factor::MAX), 1.0);
        assert_eq!(strength_factor(Factor(0)), strength_factor(Factor::ONE));
        assert_eq!(strength_factor(Factor(u16::MAX)), 1.0);
    }
}

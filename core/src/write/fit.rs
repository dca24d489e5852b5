//! The gradient loop: turns a slot's vector towards what tells its text from similar memories.
//!
//! Views are the text's embedding `u` and the embedding `e` of the words that rivals lack
//! ([`Rivals::emphasis`]). Clauses of the text as views were never built. The loss of a vector `v`, with
//! rivals `r`, is
//!
//! ```text
//! L(v) = - cos(v, u) - a cos(v, e) + p mean over r with cos(v, r) > c of (cos(v, r) - c)
//! ```
//!
//! and `v` stays where its own text finds it before every other memory: a step is taken only if
//! `cos(u, v) >= max(`[`LEAST_FIT`]`, max over others cos(u, other) + `[`LEAST_MARGIN`]`)`. That bound
//! does much of the work: it lets a memory go as far as its neighbours allow. Rivals do not move; when
//! one is fitted anew ([`learn`](super::learn)), it may go further.
//!
//! The gradient. With `x' = x / |x|` and `|v| = 1`, `cos(v, x) = v . x' / |v|`, so
//!
//! ```text
//! d cos(v, x) / dv = x' / |v| - (v . x') v / |v|^3 = x' - cos(v, x) v
//! - dL / dv        = (u' - cos(v, u) v) + a (e' - cos(v, e) v) - p mean (r' - cos(v, r) v)
//! ```
//!
//! A step is `v <- (v - eta dL/dv) / |...|`, in integers: unit vectors have 14 bits after the binary
//! point, cosines too; the sum of a step stays below 2^18, and each component is within 2^-12 of the
//! real step. What is compared, kept and stored is always the 128 bytes of [`Embedding::of_sums`].

mod state;

pub use state::{Ending, FitState};

use super::Verification;
use super::rivals::{MAX_RIVALS, Rivals};
use crate::embedding::{Cosine, DIMENSIONS, Embedding, Root};
use crate::encoder::Progress;
use heapless::Vec;

/// Most steps of a fit.
pub const MAX_STEPS: u8 = 8;

/// The least similarity to its own text that a fit leaves a slot. Asked back word for word, a memory
/// then still scores 0.9 by meaning alone; at 0.96 it is 0.88, and similar memories are told apart
/// still better.
pub const LEAST_FIT: f32 = 0.975;

/// How far the own text stays nearer to its slot than to any other: 2^-7.
pub const LEAST_MARGIN: Cosine = Cosine::from_bits(1 << (Cosine::FRACTION_BITS - 7));

/// Loss that a step must gain to be worth another: 2^-10.
const LEAST_GAIN: i32 = 1 << (BITS - 10);

/// Bits after the binary point of unit vectors and cosines.
const BITS: u32 = Cosine::FRACTION_BITS;

/// Bits after the binary point of weights.
const WEIGHT_BITS: u32 = 4;

/// eta as a power of two: 1/4.
const RATE_BITS: u32 = 2;

/// Likeness to a rival above which the vector is pushed away: 0.85.
const PUSH_ABOVE: i32 = 85 * (1 << BITS) / 100;

/// How strongly the terms of the loss count, in sixteenths. Chosen on the odd half of the families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitWeights {
    /// a: the words that rivals lack.
    pub emphasis: u8,
    /// p: nearness to rivals.
    pub push: u8,
}

impl Default for FitWeights {
    fn default() -> Self {
        Self {
            emphasis: 8,
            push: 4,
        }
    }
}

/// What a fit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitReport {
    /// Steps taken; 0 if nothing was near or nothing tells the texts apart.
    pub steps: u8,
    /// The fitted slot, read back by its own text.
    pub verification: Verification,
}

/// A view and its weight; negative weights push.
#[derive(Clone, Debug)]
struct View {
    vector: Embedding,
    root: Root,
    weight: i32,
}

impl View {
    fn new(vector: &Embedding, weight: i32) -> Self {
        Self {
            vector: *vector,
            root: Root::of(vector.squared_norm()),
            weight,
        }
    }

    fn cosine(&self, vector: &Embedding, root: Root) -> i32 {
        i32::from(Cosine::of(self.vector.dot(vector), self.root, root).to_bits())
    }
}

/// A fit under way.
#[derive(Clone, Debug)]
pub struct Fit {
    own: View,
    emphasis: Option<View>,
    rivals: Vec<View, MAX_RIVALS>,
    floor: i32,
    /// v, [`BITS`] after the binary point.
    vector: [i32; DIMENSIONS],
    best: Embedding,
    loss: i32,
    steps: u8,
    closest: Cosine,
}

impl Fit {
    /// Begins at the text's own embedding.
    pub fn begin(
        embedding: &Embedding,
        emphasis: Option<&Embedding>,
        rivals: &Rivals<'_>,
        weights: FitWeights,
    ) -> Self {
        let count = rivals.iter().count().max(1) as i32;
        let push = -i32::from(weights.push) / count;
        let least = (LEAST_FIT * (1 << BITS) as f32) as i32;
        let margin = i32::from(rivals.closest.to_bits()) + i32::from(LEAST_MARGIN.to_bits());
        // Filled in place: a device's stack has no room for the parts beside the whole.
        let mut fit = Self {
            own: View::new(embedding, 1 << WEIGHT_BITS),
            emphasis: None,
            rivals: Vec::new(),
            floor: least.max(margin),
            vector: [0; DIMENSIONS],
            best: *embedding,
            loss: 0,
            steps: 0,
            closest: rivals.closest,
        };
        let root = unit_root(&fit.own);
        for (component, &x) in fit.vector.iter_mut().zip(&embedding.0) {
            *component = unit_component(x, root);
        }
        if let Some(emphasis) = emphasis.filter(|emphasis| **emphasis != Embedding::ZERO) {
            let weight = i32::from(weights.emphasis);
            fit.emphasis = Some(View::new(emphasis, weight));
        }
        for slot in rivals.iter() {
            // There are at most as many as there is room for.
            let _ = fit.rivals.push(View::new(slot.embedding, push));
        }
        fit.loss = fit.loss_of(embedding);
        fit
    }

    /// Makes a step: about 15,000 instructions on Cortex-M4F.
    pub fn step(&mut self) -> Progress {
        match self.advance() {
            Ok(()) => Progress::More,
            Err(_) => Progress::Done,
        }
    }

    /// As [`Fit::step`], and says why there was none.
    ///
    /// # Errors
    /// Why the fit has ended.
    // Not inlined, as what follows: a device's stack has no room for the working memory of all parts of a write at once.
    #[inline(never)]
    pub fn advance(&mut self) -> Result<(), Ending> {
        if self.emphasis.is_none() && self.rivals.is_empty() {
            return Err(Ending::NothingNear);
        }
        if self.steps == MAX_STEPS {
            return Err(Ending::AllSteps);
        }
        self.descend();
        let candidate = Embedding::of_sums(&self.vector);
        let loss = self.loss_of(&candidate);
        let root = Root::of(candidate.squared_norm());
        if self.own.cosine(&candidate, root) < self.floor {
            return Err(Ending::OwnText);
        }
        if loss > self.loss - LEAST_GAIN {
            return Err(Ending::NoGain);
        }
        self.best = candidate;
        self.loss = loss;
        self.steps += 1;
        Ok(())
    }

    fn descend(&mut self) {
        let at = Embedding::of_sums(&self.vector);
        let root = Root::of(at.squared_norm());
        let mut step = [0i32; DIMENSIONS];
        let pulls = core::iter::once(&self.own).chain(&self.emphasis);
        let pushes = self.rivals.iter();
        let pushes = pushes.filter(|rival| rival.cosine(&at, root) > PUSH_ABOVE);
        for view in pulls.chain(pushes) {
            let cosine = view.cosine(&at, root);
            let root = unit_root(view);
            let components = view.vector.0.iter().zip(&self.vector);
            for (step, (&x, v)) in step.iter_mut().zip(components) {
                *step += view.weight * (unit_component(x, root) - ((cosine * v) >> BITS));
            }
        }
        let mut square = 0i64;
        for (v, step) in self.vector.iter_mut().zip(step) {
            *v += step >> (WEIGHT_BITS + RATE_BITS);
            square += i64::from(*v) * i64::from(*v);
        }
        let length = (square as u64).isqrt().max(1) as i32;
        for v in &mut self.vector {
            *v = (*v << BITS) / length;
        }
    }

    fn loss_of(&self, vector: &Embedding) -> i32 {
        let root = Root::of(vector.squared_norm());
        let pull = core::iter::once(&self.own).chain(&self.emphasis);
        let pull: i32 = pull
            .map(|view| view.weight * view.cosine(vector, root))
            .sum();
        let push = self.rivals.iter();
        let push: i32 = push
            .map(|rival| rival.weight * (rival.cosine(vector, root) - PUSH_ABOVE).max(0))
            .sum();
        -(pull + push) >> WEIGHT_BITS
    }

    /// The best vector so far, read back.
    pub fn verification(&self) -> Verification {
        let root = Root::of(self.best.squared_norm());
        let similarity = Cosine::of(self.own.vector.dot(&self.best), self.own.root, root);
        Verification::of(similarity, self.closest)
    }

    /// Makes all steps that are left.
    pub fn run(mut self) -> (Embedding, FitReport) {
        while self.step() == Progress::More {}
        self.finish()
    }

    /// The best vector seen and how it came to be.
    pub fn finish(&self) -> (Embedding, FitReport) {
        let report = FitReport {
            steps: self.steps,
            verification: self.verification(),
        };
        (self.best, report)
    }
}

/// What components are divided by.
fn unit_root(view: &View) -> i32 {
    view.root.to_bits().max(1) as i32
}

/// A component of `x / |x|`, to within 2^-14 and 2^-5 / |x|; 0 of zeros.
fn unit_component(x: i8, root: i32) -> i32 {
    (i32::from(x) << (BITS + Root::FRACTION_BITS)) / root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlap::Signature;
    use crate::slot::{Factor, Facts, Key, Owner, SlotView, Timestamp};
    use std::vec::Vec as Growable;

    fn random(seed: &mut u32, spread: i32) -> [i32; DIMENSIONS] {
        core::array::from_fn(|_| {
            *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((*seed >> 16) as i32 % (2 * spread + 1)) - spread
        })
    }

    /// Vectors around a common one, and one for the words that differ.
    fn family(seed: &mut u32) -> (Embedding, Embedding, [Embedding; 3]) {
        let common = random(seed, 1000);
        let mut member = || {
            let own = random(seed, 450);
            Embedding::of_sums(&core::array::from_fn(|i| common[i] + own[i]))
        };
        let (text, rivals) = (member(), [member(), member(), member()]);
        (text, Embedding::of_sums(&random(seed, 1000)), rivals)
    }

    fn with_rivals<R>(
        rivals: &[Embedding],
        own: &Embedding,
        use_them: impl Fn(&Rivals<'_>) -> R,
    ) -> R {
        let facts = Facts {
            key: Key::default(),
            owner: Owner(0),
            created: Timestamp(0),
            accessed: Timestamp(0),
            accesses: 0,
            strength: Factor::ONE,
            importance: Factor::ONE,
        };
        let signature = Signature::<4>::of("piano teacher Tuesday").unwrap();
        let slots = rivals.iter().map(|embedding| SlotView {
            facts: &facts,
            text: "",
            embedding,
            squared_norm: embedding.squared_norm(),
            terms: signature.as_terms(),
        });
        use_them(&Rivals::of(own, signature.as_terms(), slots))
    }

    fn cosine(a: &[f64], b: &[f64]) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    fn floats(vector: &Embedding) -> Growable<f64> {
        vector.0.iter().map(|&x| f64::from(x)).collect()
    }

    /// The first step against a numeric gradient of the loss in f64.
    #[test]
    fn a_step_follows_the_gradient() {
        let mut seed = 7;
        for _ in 0..20 {
            let (text, words, rivals) = family(&mut seed);
            with_rivals(&rivals, &text, |found| {
                let mut fit = Fit::begin(&text, Some(&words), found, FitWeights::default());
                let (u, e) = (floats(&text), floats(&words));
                let loss = |v: &[f64]| {
                    let push: f64 = found
                        .iter()
                        .map(|slot| (cosine(v, &floats(slot.embedding)) - 0.85).max(0.0) / 12.0)
                        .sum();
                    -cosine(v, &u) - 0.5 * cosine(v, &e) + push
                };
                let length = cosine(&u, &u) * u.iter().map(|x| x * x).sum::<f64>().sqrt();
                let start: Growable<f64> = u.iter().map(|x| x / length).collect();
                let stepped: Growable<f64> = (0..DIMENSIONS)
                    .map(|i| {
                        let (mut up, mut down) = (start.clone(), start.clone());
                        up[i] += 1e-5;
                        down[i] -= 1e-5;
                        start[i] - 0.25 * (loss(&up) - loss(&down)) / 2e-5
                    })
                    .collect();
                fit.descend();
                let norm = stepped.iter().map(|x| x * x).sum::<f64>().sqrt();
                for (real, found) in stepped.iter().zip(&fit.vector) {
                    let error = real / norm - f64::from(*found) / 16384.0;
                    assert!(error.abs() < 1.0 / 256.0, "{error}");
                }
                assert!(cosine(&stepped, &floats(&Embedding::of_sums(&fit.vector))) > 0.9999);
            });
        }
    }

    #[test]
    fn a_fit_lowers_its_loss_and_stays_first_for_its_own_text() {
        let mut seed = 3;
        let mut steps = 0;
        for _ in 0..200 {
            let (text, words, rivals) = family(&mut seed);
            with_rivals(&rivals, &text, |found| {
                let fit = Fit::begin(&text, Some(&words), found, FitWeights::default());
                let (before, direct) = (fit.state(), fit.verification());
                let (vector, report) = fit.clone().run();
                let mut again = fit;
                let mut state = before;
                while again.step() == Progress::More {
                    assert!(again.state().loss < state.loss);
                    state = again.state();
                }
                assert_eq!(state.step, report.steps);
                assert_eq!(state.similarity, report.verification.similarity);
                assert!(state.step == 0 || state.emphasis > before.emphasis);
                assert_eq!(again.finish(), (vector, report));
                assert_eq!(report.verification.verified, direct.verified);
                assert_eq!(report.verification.rival, direct.rival);
                assert_eq!(vector == text, report.steps == 0);
            });
            steps += with_rivals(&rivals, &text, |found| {
                let weights = FitWeights::default();
                let fit = Fit::begin(&text, Some(&words), found, weights);
                u32::from(fit.run().1.steps)
            });
        }
        assert!(steps > 200, "{steps} steps: the fits must move");
    }

    #[test]
    fn without_rivals_nothing_moves() {
        let (text, words, _) = family(&mut 1);
        with_rivals(&[], &text, |found| {
            let fit = Fit::begin(&text, None, found, FitWeights::default());
            assert_eq!(fit.clone().advance(), Err(Ending::NothingNear));
            assert_eq!(fit.run().0, text);
            assert!(found.emphasis("piano teacher Monday", |_| 1).is_empty());
        });
        let zero = Embedding::ZERO;
        with_rivals(&[zero], &zero, |found| {
            let fit = Fit::begin(&zero, Some(&words), found, FitWeights::default());
            assert_eq!(fit.run().1.verification.similarity, Cosine::default());
        });
    }

    #[test]
    fn emphasis_is_what_rivals_lack() {
        let (text, _, rivals) = family(&mut 1);
        with_rivals(&rivals, &text, |found| {
            let emphasis = found.emphasis("The piano teacher comes on Monday at five", |_| 1);
            assert_eq!(emphasis.as_str(), "comes Monday five ");
            let long = std::format!("{} Monday", "x".repeat(EMPHASIS_LIMIT));
            assert_eq!(found.emphasis(&long, |_| 1).as_str(), "Monday ");
            let many = |_| super::super::rivals::TELLING + 1;
            assert!(found.emphasis(&long, many).is_empty());
        });
    }

    const EMPHASIS_LIMIT: usize = super::super::rivals::EMPHASIS_BYTES;
}

//! A fit as it can be watched, step by step.

use super::{BITS, Fit};
use crate::embedding::{Cosine, Root};

/// Why a fit takes no further step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing that says nearly the same is near, so there is nothing to be told from.
    NothingNear,
    /// It took all steps it may.
    AllSteps,
    /// A step further, its own text would not find it, or not far enough before others.
    OwnText,
    /// A step further gains too little.
    NoGain,
}

impl core::fmt::Display for Ending {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::NothingNear => "nothing says nearly the same",
            Self::AllSteps => "all steps are taken",
            Self::OwnText => "a step further is too far from its own text",
            Self::NoGain => "a step further gains too little",
        })
    }
}

/// Where a fit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitState {
    /// Steps taken.
    pub step: u8,
    /// The loss: see the [module](super).
    pub loss: f32,
    /// Likeness to its own text.
    pub similarity: Cosine,
    /// How much nearer its own text is to it than to any other memory, -2 to 2.
    pub margin: f32,
    /// Likeness to the words that rivals lack, if there are any.
    pub emphasis: Option<Cosine>,
    /// The greatest likeness to a rival's vector, if there is one.
    pub rival: Option<Cosine>,
}

impl Fit {
    /// Where the fit is.
    pub fn state(&self) -> FitState {
        let root = Root::of(self.best.squared_norm());
        let likeness =
            |view: &super::View| Cosine::of(view.vector.dot(&self.best), view.root, root);
        let similarity = likeness(&self.own);
        FitState {
            step: self.steps,
            loss: self.loss as f32 / (1 << BITS) as f32,
            similarity,
            margin: similarity.to_f32() - self.closest.to_f32(),
            emphasis: self.emphasis.as_ref().map(likeness),
            rival: self.rivals.iter().map(likeness).max(),
        }
    }
}

//! What a run tells while it works.

use std::ops::ControlFlow;
use std::time::Duration;

/// Something that happened in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// Work without steps began, such as reading a file.
    Preparing(&'e str),
    /// A stage of gradient descent began.
    Stage {
        /// Its name in the recipe.
        name: &'e str,
        /// Its number, from 0.
        index: usize,
        /// Stages in all.
        count: usize,
    },
    /// A step was made.
    Step(Progress<'e>),
    /// The development sets were measured.
    Measured(&'e Measurements),
}

/// How far a stage is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'e> {
    /// Name of the stage.
    pub stage: &'e str,
    /// Steps made in the stage.
    pub step: u64,
    /// Steps of the stage.
    pub steps: u64,
    /// Loss of the step, all terms with their weights.
    pub loss: f32,
    /// Texts a second since the last measurement.
    pub samples_per_second: f64,
    /// Time until the stage ends, at its mean speed so far, measurements included.
    pub remaining: Duration,
}

/// Names of metrics and their values x 100, in a fixed order.
pub type Measurements = Vec<(String, f64)>;

/// Watches a run.
pub trait Observer {
    /// Is told of `event`; `Break` stops the run with [`TrainError::Interrupted`](crate::TrainError).
    fn observe(&mut self, event: &Event<'_>) -> ControlFlow<()>;
}

/// Watches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn observe(&mut self, _: &Event<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

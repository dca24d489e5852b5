//! One stage of gradient descent.

use super::checkpoint::Checkpoint;
use super::log::{Entry, MetricsLog};
use super::material::Prepared;
use super::notify;
use crate::TrainError;
use crate::descent::{Batch, Rates, Schedule, Shown, State};
use crate::measure::{EvaluationSets, encode_floats};
use crate::observer::{Event, Observer, Progress};
use crate::quantise::{RowGrid, smallest_unit};
use crate::random::Order;
use crate::recipe::{Recipe, StageRecipe};
use std::time::{Duration, Instant};

/// Steps between two reports of progress.
const REPORT_EVERY: u64 = 20;

/// A stage and what it works with.
pub(super) struct StageRun<'r> {
    pub(super) recipe: &'r Recipe,
    pub(super) index: usize,
    pub(super) prepared: &'r Prepared,
    pub(super) checkpoint: &'r Checkpoint<'r>,
    pub(super) development: &'r EvaluationSets,
    /// When this process began to train.
    pub(super) began: Instant,
    /// Seconds of training before that.
    pub(super) spent_before: f64,
}

/// Loss and speed since the last line of the log.
struct Meter {
    losses: f64,
    steps: u64,
    samples: u64,
    began: Instant,
}

/// Moves `state` to the beginning of a stage, if there is one of that number.
pub(super) fn enter(state: &mut State, recipe: &Recipe, index: usize) {
    let grid = recipe
        .stages
        .get(index)
        .filter(|stage| stage.quantise)
        .map(|_| {
            let limit = if recipe.model.row_bits == 4 {
                7.0
            } else {
                127.0
            };
            let kept = state.grid.map(|grid| grid.unit);
            RowGrid {
                limit,
                unit: kept.unwrap_or_else(|| smallest_unit(&state.parameters.rows, limit)),
            }
        });
    state.enter(index, grid);
}

impl StageRun<'_> {
    fn stage(&self) -> &StageRecipe {
        &self.recipe.stages[self.index]
    }

    /// Makes the remaining steps of the stage and enters the next one.
    pub(super) fn descend(
        &self,
        state: &mut State,
        log: &mut MetricsLog,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let stage = self.stage().clone();
        let event = Event::Stage {
            name: &stage.name,
            index: self.index,
            count: self.recipe.stages.len(),
        };
        notify(observer, &event)?;
        let material = &self.prepared.material;
        let purpose = 2 * self.index as u64;
        let mut texts = Order::new(material.texts.len(), self.recipe.seed, purpose);
        let mut pairs = Order::new(material.negatives.len(), self.recipe.seed, purpose + 1);
        let schedule = Schedule::of(&stage);
        let mut shown = Shown::of(state);
        let mut meter = Meter::new();
        let first = state.step;
        let stage_began = Instant::now();
        while state.step < stage.steps {
            let share = schedule.share(state.step);
            let rates = Rates {
                rows: stage.row_rate * share,
                projection: stage.projection_rate * share,
            };
            let batch = Batch::draw(&stage, state.step, material, &mut texts, &mut pairs);
            let loss = batch.descend(material, state, &mut shown, rates);
            state.step += 1;
            state.seconds = self.spent_before + self.began.elapsed().as_secs_f64();
            if !loss.is_finite() {
                return Err(TrainError::Diverged {
                    stage: stage.name,
                    step: state.step,
                });
            }
            meter.add(loss, batch.samples());
            if state.step.is_multiple_of(REPORT_EVERY) {
                let progress = Progress {
                    stage: &stage.name,
                    step: state.step,
                    steps: stage.steps,
                    loss,
                    samples_per_second: meter.speed(),
                    remaining: remaining(stage_began, state.step - first, stage.steps - state.step),
                };
                notify(observer, &Event::Step(progress))?;
            }
            let last = state.step == stage.steps;
            if last || state.step.is_multiple_of(stage.measure_every) {
                self.measure(state, &shown, &mut meter, log, observer)?;
            }
            if !last && state.step.is_multiple_of(stage.checkpoint_every) {
                self.checkpoint.save(state)?;
            }
        }
        if self.index + 1 < self.recipe.stages.len() {
            enter(state, self.recipe, self.index + 1);
        }
        self.checkpoint.save(state)
    }

    fn measure(
        &self,
        state: &State,
        shown: &Shown,
        meter: &mut Meter,
        log: &mut MetricsLog,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let (known, ngrams) = (&self.prepared.known, self.recipe.model.ngrams);
        let (loss, samples_per_second) = (meter.mean_loss(), meter.speed());
        let measurements = self
            .development
            .measure(&|texts| encode_floats(&shown.parameters, known, ngrams, texts))?;
        notify(observer, &Event::Measured(&measurements))?;
        *meter = Meter::new();
        log.append(Entry {
            stage: self.stage().name.clone(),
            stage_index: self.index,
            step: state.step,
            loss,
            samples_per_second,
            measurements,
        })
    }
}

impl Meter {
    fn new() -> Self {
        Self {
            losses: 0.0,
            steps: 0,
            samples: 0,
            began: Instant::now(),
        }
    }

    fn add(&mut self, loss: f32, samples: usize) {
        self.losses += f64::from(loss);
        self.steps += 1;
        self.samples += samples as u64;
    }

    fn mean_loss(&self) -> f32 {
        (self.losses / self.steps.max(1) as f64) as f32
    }

    fn speed(&self) -> f64 {
        self.samples as f64 / self.began.elapsed().as_secs_f64().max(1e-9)
    }
}

fn remaining(began: Instant, made: u64, left: u64) -> Duration {
    let each = began.elapsed().as_secs_f64() / made.max(1) as f64;
    Duration::from_secs_f64(each * left as f64)
}

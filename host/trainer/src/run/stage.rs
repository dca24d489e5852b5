//! One stage of gradient descent.

use super::checkpoint::Checkpoint;
use super::log::{Entry, MetricsLog};
use super::material::Prepared;
use super::notify;
use crate::TrainError;
use crate::descent::{Batch, PairOrder, Rates, Schedule, Shown, State, TextOrder, Workspace};
use crate::measure::{EvaluationSets, encode_floats};
use crate::model::Passages;
use crate::observer::{Event, Measurements, Observer, Progress};
use crate::quantise::{
    Levels, RowGrid, calibrate, ease_rounding, round_in_turn, rows_to_refine, smallest_unit,
};
use crate::recipe::{BodyRecipe, Recipe, StageRecipe};
use std::time::{Duration, Instant};

/// Steps between two reports of progress, and between two lines of the log.
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

/// What a stage holds while it goes on.
struct Walk {
    texts: TextOrder,
    pairs: PairOrder,
    shown: Shown,
    workspace: Workspace,
    meter: Meter,
    /// Steps of the stage made before this process.
    first: u64,
    began: Instant,
}

/// Loss and speed since the last line of the log.
struct Meter {
    losses: f64,
    steps: u64,
    samples: u64,
    began: Instant,
}

/// Texts from which a quantised stage takes the units of its activations, and texts from which it learns how inputs of
/// the body's maps go together.
const CALIBRATION_TEXTS: usize = 1024;
const FEEDBACK_TEXTS: usize = 2048;

/// Moves `state` to the beginning of a stage, if there is one of that number.
pub(super) fn enter(state: &mut State, recipe: &Recipe, prepared: &Prepared, index: usize) {
    let quantise = recipe.stages.get(index).is_some_and(|stage| stage.quantise);
    if !quantise {
        return state.enter(index, None, None);
    }
    round(state, recipe, prepared);
    let (grid, units) = (state.grid, state.units.take());
    state.enter(index, grid, units);
}

/// Rotates rows if asked to, fixes their grid, the rows that get a second one and the units of activations, and rounds
/// the body, unless an earlier stage has.
pub(super) fn round(state: &mut State, recipe: &Recipe, prepared: &Prepared) {
    if state.grid.is_none() {
        round_rows(state, recipe, prepared);
    }
    if state.units.is_none() {
        round_body(state, recipe, prepared);
    }
}

fn round_rows(state: &mut State, recipe: &Recipe, prepared: &Prepared) {
    let levels = Levels::of_bits(recipe.model.row_bits);
    if recipe.model.rotated {
        ease_rounding(&mut state.parameters, levels);
    }
    let rows = &state.parameters.rows;
    let unit = smallest_unit(rows, levels);
    let grid = RowGrid { levels, unit };
    let (width, count) = (state.parameters.row_width, recipe.model.fine as usize);
    let uses = prepared.material.texts.uses(rows.len() / width);
    state.fine = rows_to_refine(rows, width, grid, &uses, count);
    state.grid = Some(grid);
}

/// Takes the units of the body's activations from what it makes of some texts in floats, and rounds its maps.
fn round_body(state: &mut State, recipe: &Recipe, prepared: &Prepared) {
    let BodyRecipe::Transformer(sizes) = &recipe.model.body else {
        return;
    };
    let levels = Levels::of_bits(sizes.weight_bits);
    let some = |count| some_texts(count, recipe, prepared);
    state.units = calibrate(
        &state.parameters,
        &some(CALIBRATION_TEXTS),
        levels,
        sizes.norm_bits,
    );
    let shown = Shown::of(state);
    if let Some(body) = &mut state.parameters.body {
        round_in_turn(&shown.parameters, body, &some(FEEDBACK_TEXTS), levels);
    }
}

/// About `count` of the texts, spread over all.
fn some_texts<'p>(count: usize, recipe: &Recipe, prepared: &'p Prepared) -> Vec<Passages<'p>> {
    let texts = &prepared.material.texts;
    let count = texts.len().min(count);
    let chosen = (0..count).map(|index| texts.text(index * texts.len() / count));
    Passages::groups(chosen, recipe.model.longest(), usize::MAX)
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
        let stage = self.stage();
        let event = Event::Stage {
            name: &stage.name,
            index: self.index,
            count: self.recipe.stages.len(),
        };
        notify(observer, &event)?;
        let mut walk = Walk::new(self, state);
        while state.step < stage.steps {
            let loss = walk.step(self, state)?;
            let report = state.step.is_multiple_of(REPORT_EVERY);
            if report {
                notify(observer, &Event::Step(walk.progress(stage, state, loss)))?;
            }
            let last = state.step == stage.steps;
            if last || state.step.is_multiple_of(stage.measure_every) {
                let measurements = self.measure(&walk, observer)?;
                self.note(state, &mut walk, measurements, log)?;
            } else if report {
                self.note(state, &mut walk, Measurements::new(), log)?;
            }
            if !last && state.step.is_multiple_of(stage.checkpoint_every) {
                self.checkpoint.save(state)?;
            }
        }
        if self.index + 1 < self.recipe.stages.len() {
            enter(state, self.recipe, self.prepared, self.index + 1);
        }
        self.checkpoint.save(state)
    }

    fn measure(
        &self,
        walk: &Walk,
        observer: &mut dyn Observer,
    ) -> Result<Measurements, TrainError> {
        let (known, model) = (&self.prepared.known, &self.recipe.model);
        let part = self.stage().train;
        let measurements = self
            .development
            .measure(&|texts| encode_floats(walk.shown.model(), part, known, model, texts))?;
        notify(observer, &Event::Measured(&measurements))?;
        Ok(measurements)
    }

    /// Writes a line of the log about the steps since the line before.
    fn note(
        &self,
        state: &State,
        walk: &mut Walk,
        measurements: Measurements,
        log: &mut MetricsLog,
    ) -> Result<(), TrainError> {
        let meter = std::mem::replace(&mut walk.meter, Meter::new());
        log.append(Entry {
            stage: self.stage().name.clone(),
            stage_index: self.index,
            step: state.step,
            loss: meter.mean_loss(),
            samples_per_second: meter.speed(),
            measurements,
        })
    }
}

impl Walk {
    fn new(run: &StageRun<'_>, state: &State) -> Self {
        let material = &run.prepared.material;
        let (seed, purpose) = (run.recipe.seed, 2 * run.index as u64);
        Self {
            texts: TextOrder::new(
                run.stage()
                    .distillation
                    .as_ref()
                    .map_or(1, |recipe| recipe.neighbours),
                seed,
                purpose,
            ),
            pairs: match &run.stage().contrastive {
                Some(recipe) => PairOrder::new(&material.origins, recipe, seed, purpose + 1),
                None => PairOrder::default(),
            },
            shown: Shown::of(state),
            workspace: Workspace::default(),
            meter: Meter::new(),
            first: state.step,
            began: Instant::now(),
        }
    }

    /// Makes a step and returns its loss.
    fn step(&mut self, run: &StageRun<'_>, state: &mut State) -> Result<f32, TrainError> {
        let (stage, material) = (run.stage(), &run.prepared.material);
        let share = Schedule::of(stage).share(state.step);
        let rates = Rates {
            rows: stage.row_rate * share,
            projection: stage.projection_rate * share,
            body: stage.body_rate * share,
            matrices: stage.matrix_rate.map(|rate| rate * share),
            decay: stage.weight_decay,
            longest: stage.longest_gradient.unwrap_or(f32::INFINITY),
        };
        let (texts, pairs) = (&mut self.texts, &mut self.pairs);
        let longest = run.recipe.model.longest();
        let batch = Batch::draw(stage, longest, state.step, material, texts, pairs);
        let work = &mut self.workspace;
        let loss = batch.descend(material, state, &mut self.shown, rates, work);
        state.step += 1;
        state.seconds = run.spent_before + run.began.elapsed().as_secs_f64();
        self.meter.add(loss, batch.samples());
        if loss.is_finite() {
            Ok(loss)
        } else {
            Err(TrainError::Diverged {
                stage: stage.name.clone(),
                step: state.step,
            })
        }
    }

    fn progress<'s>(&self, stage: &'s StageRecipe, state: &State, loss: f32) -> Progress<'s> {
        let made = (state.step - self.first).max(1) as f64;
        let each = self.began.elapsed().as_secs_f64() / made;
        let left = stage.steps - state.step;
        Progress {
            stage: &stage.name,
            step: state.step,
            steps: stage.steps,
            loss,
            samples_per_second: self.meter.speed(),
            remaining: Duration::from_secs_f64(each * left as f64),
        }
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

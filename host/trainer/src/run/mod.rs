//! The whole recipe, from files to an image.

mod checkpoint;
mod log;
mod material;
mod stage;
#[cfg(test)]
mod tests;

use crate::TrainError;
use crate::descent::State;
use crate::measure::EvaluationSets;
use crate::model::Parameters;
use crate::network::{Tensors, Transformer};
use crate::observer::{Event, Measurements, Observer};
use crate::paths::{Paths, Start};
use crate::recipe::Recipe;
use crate::vocabulary::KnownWords;
use crate::{ship, stages};
pub(crate) use checkpoint::{Checkpoint, write_whole};
pub(crate) use log::Entry;
use log::MetricsLog;
use material::Prepared;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a finished run leaves.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// `NAME.memt`, all integers.
    pub image: PathBuf,
    /// `NAME.f32.memt`, the same before any rounding: for reference, and for `memt model pack`.
    pub float_image: PathBuf,
    /// `NAME.words`, the strings of the known words.
    pub words: PathBuf,
    /// `NAME.md`, what the image is and how it was made.
    pub card: PathBuf,
    /// `NAME.json`, the same for machines.
    pub card_json: PathBuf,
    /// `NAME.svg`, loss and development metrics over steps.
    pub curves: PathBuf,
    /// `NAME.log.jsonl`, one line a measurement.
    pub log: PathBuf,
    /// Bytes of the image.
    pub bytes: usize,
    /// Metrics of the image in integers on all evaluation sets.
    pub integers: Measurements,
}

/// Runs a recipe to its end.
///
/// Writes checkpoint and log to `paths.out` while it works; an interrupted run that is resumed gives
/// the same image as one that was not.
///
/// # Errors
/// [`TrainError`] says which file, recipe entry or step stopped the run.
pub fn train(
    recipe: &Recipe,
    paths: &Paths,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    std::fs::create_dir_all(&paths.out).map_err(TrainError::file(&paths.out))?;
    let began = Instant::now();
    let checkpoint = Checkpoint::new(recipe, paths);
    let resumed = match paths.start {
        Start::Fresh => None,
        Start::Resume => checkpoint.load()?,
    };
    notify(observer, &Event::Preparing("reading and tokenising texts"))?;
    let prepared = Prepared::read(recipe, paths)?;
    let mut state = match resumed {
        Some(state) => state,
        None => begin(recipe, &prepared, observer)?,
    };
    let mut log = MetricsLog::open(paths, recipe, &state)?;
    let development = EvaluationSets::development(paths)?;
    let spent_before = state.seconds;
    for index in state.stage..recipe.stages.len() {
        let run = stage::StageRun {
            recipe,
            index,
            prepared: &prepared,
            checkpoint: &checkpoint,
            development: &development,
            began,
            spent_before,
        };
        run.descend(&mut state, &mut log, observer)?;
    }
    let trained = state.parameters.clone();
    stage::round(&mut state, recipe, &prepared);
    notify(
        observer,
        &Event::Preparing("measuring the image on all sets"),
    )?;
    ship::ship(
        recipe,
        paths,
        &prepared.known,
        &trained,
        &state,
        log.entries(),
    )
}

fn begin(
    recipe: &Recipe,
    prepared: &Prepared,
    observer: &mut dyn Observer,
) -> Result<State, TrainError> {
    let parameters = match &recipe.start {
        Some(start) => mean_of(&start.checkpoints, recipe, prepared)?,
        None => fresh_parameters(recipe, prepared, observer)?,
    };
    let mut state = State::new(parameters);
    stage::enter(&mut state, recipe, prepared, 0);
    Ok(state)
}

/// The mean of the parameters of other runs.
fn mean_of(
    paths: &[PathBuf],
    recipe: &Recipe,
    prepared: &Prepared,
) -> Result<Parameters, TrainError> {
    let mut all = paths
        .iter()
        .map(|path| parameters_of(path, recipe, prepared));
    let Some(first) = all.next() else {
        return Err(TrainError::Recipe("start has 0 checkpoints".to_owned()));
    };
    let mut sum = first?;
    for other in all {
        sum.add(&other?);
    }
    sum.scale(1.0 / paths.len() as f32);
    Ok(sum)
}

/// The parameters of another run, with the sizes of `recipe`, which may know fewer words.
fn parameters_of(
    path: &Path,
    recipe: &Recipe,
    prepared: &Prepared,
) -> Result<Parameters, TrainError> {
    let (other, mut parameters) = Checkpoint::of_other(path)?;
    let model = &recipe.model;
    if model.words < other.model.words {
        let known = KnownWords::select(&prepared.words.words, &other.model)?;
        keep_words(&mut parameters, &known, &prepared.known);
    }
    let width = usize::from(model.row_width);
    let rows = (model.words + model.ngrams) as usize;
    if parameters.row_width != width || parameters.rows.len() != rows * width {
        let problem = format!(
            "{} rows of {} numbers, the recipe asks for {rows} of {width}",
            parameters.rows.len() / parameters.row_width,
            parameters.row_width
        );
        return Err(TrainError::content(path, problem));
    }
    let body = stages::initial_body(recipe, &parameters);
    if body.as_ref().map(shapes) != parameters.body.as_ref().map(shapes) {
        parameters.body = body;
    }
    Ok(parameters)
}

/// Takes away the rows of the words of `from` that `to` lacks.
fn keep_words(parameters: &mut Parameters, from: &KnownWords, to: &KnownWords) {
    let width = parameters.row_width;
    let (words, ngrams) = parameters.rows.split_at(from.lines.len() * width);
    let place: BTreeMap<usize, usize> = from.lines.iter().copied().zip(0..).collect();
    let kept = to.lines.iter().filter_map(|line| place.get(line));
    let kept = kept.flat_map(|&row| &words[row * width..][..width]);
    parameters.rows = kept.chain(ngrams).copied().collect();
}

fn shapes(body: &Transformer) -> Vec<usize> {
    body.tensors().into_iter().map(<[f32]>::len).collect()
}

fn fresh_parameters(
    recipe: &Recipe,
    prepared: &Prepared,
    observer: &mut dyn Observer,
) -> Result<Parameters, TrainError> {
    notify(
        observer,
        &Event::Preparing("rows of words from the teacher"),
    )?;
    let parameters = stages::from_word_vectors(recipe, &prepared.known, &prepared.words);
    notify(observer, &Event::Preparing("rows of n-grams from words"))?;
    let mut parameters = stages::fit_spelling(recipe, &prepared.known, &prepared.words, parameters);
    parameters.body = stages::initial_body(recipe, &parameters);
    Ok(parameters)
}

fn notify(observer: &mut dyn Observer, event: &Event<'_>) -> Result<(), TrainError> {
    if observer.observe(event).is_break() {
        return Err(TrainError::Interrupted);
    }
    Ok(())
}

//! Quality on evaluation sets: of parameters in training, of images when they ship.

use crate::model::{Model, Part, Pass, Passages, Units};
use crate::observer::Measurements;
use crate::recipe::ModelRecipe;
use crate::vocabulary::{KnownWords, TextStore, Token};
use crate::{Paths, TrainError};
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::{Encoder, ReferenceEncoder, Scratch};
use memt_eval::{Dataset, Dense, System, datasets, evaluate};
use ndarray::{Array2, ArrayView1, Axis, concatenate};
use rayon::prelude::*;

/// Scratch for every body that a recipe has asked for; a larger one is refused before training.
pub(crate) const SCRATCH_BYTES: usize = 256 * 1024;

/// Texts that a core encodes together.
const PIECE: usize = 16;

/// Evaluation sets in memory.
#[derive(Debug)]
pub(crate) struct EvaluationSets {
    sets: Vec<Dataset>,
}

impl EvaluationSets {
    /// The sets that choices may be tuned on.
    pub(crate) fn development(paths: &Paths) -> Result<Self, TrainError> {
        Self::load(paths, datasets::dev().collect())
    }

    /// All sets.
    pub(crate) fn all(paths: &Paths) -> Result<Self, TrainError> {
        Self::load(paths, datasets::CATALOGUE.to_vec())
    }

    fn load(paths: &Paths, infos: Vec<datasets::SetInfo>) -> Result<Self, TrainError> {
        let folder = paths.data.join("eval");
        let sets = datasets::load(&folder, infos)
            .map_err(|error| TrainError::content(&folder, error.to_string()))?;
        Ok(Self { sets })
    }

    /// The headline metrics of every set under `encode`.
    pub(crate) fn measure(
        &self,
        encode: &(dyn Fn(&[&str]) -> Array2<f32> + Sync),
    ) -> Result<Measurements, TrainError> {
        let encoder = |texts: &[&str]| encode(texts);
        let dense = Dense::new(&encoder);
        let report = evaluate(&[System::new("dense", &dense)], &self.sets, &|_| ())
            .map_err(TrainError::Evaluation)?;
        let mut measurements = Vec::new();
        for set in report.systems.iter().flat_map(|system| &system.sets) {
            for value in set.values.iter().filter(|value| value.headline) {
                let name = format!("{} {}", set.name, value.metric.label());
                match value.value {
                    Some(value) => measurements.push((name, value)),
                    None => return Err(TrainError::UndefinedMetric(name)),
                }
            }
        }
        Ok(measurements)
    }
}

/// Unit embeddings of texts under `model`, `[N, D]`; a text longer than the window of a
/// transformer is the mean of its windows as in core, weighted by their words.
pub(crate) fn encode_floats(
    model: Model<'_>,
    part: Part,
    known: &KnownWords,
    sizes: &ModelRecipe,
    texts: &[&str],
) -> Array2<f32> {
    match known.table() {
        Ok(table) => {
            let store = TextStore::of(texts, table, sizes.ngrams);
            let indices: Vec<usize> = (0..store.len()).collect();
            let pieces: Vec<Array2<f32>> = indices
                .par_chunks(PIECE)
                .map_init(Pass::default, |pass, piece| {
                    let texts = piece.iter().map(|&index| store.text(index));
                    encode_windows(model, part, sizes.longest(), texts, pass)
                })
                .collect();
            let views: Vec<_> = pieces.iter().map(|piece| piece.view()).collect();
            let embeddings = concatenate(Axis(0), &views)
                .unwrap_or_else(|error| unreachable!("pieces have one width: {error}"));
            Units::of(embeddings.view()).values
        }
        Err(error) => unreachable!("the trainer's own table is sound: {error}"),
    }
}

fn encode_windows<'t>(
    model: Model<'_>,
    part: Part,
    window: usize,
    texts: impl Iterator<Item = &'t [Token]>,
    pass: &mut Pass,
) -> Array2<f32> {
    let mut passages = Passages::default();
    let mut windows = Vec::new();
    for tokens in texts {
        let before = passages.lengths.len();
        passages.push_windows(tokens, window);
        windows.push(passages.lengths.len() - before);
    }
    pass.forward(model, &passages, part);
    let mut embeddings = Array2::zeros((windows.len(), pass.embeddings.columns()));
    let mut next = 0..passages.lengths.len();
    for (mut embedding, &windows) in embeddings.rows_mut().into_iter().zip(&windows) {
        for window in next.by_ref().take(windows) {
            let values = ArrayView1::from(pass.embeddings.row(window));
            let largest = values.fold(0.0f32, |largest, value| largest.max(value.abs()));
            if largest > 0.0 {
                let share = passages.lengths[window] as f32 / largest;
                embedding.scaled_add(share, &values);
            }
        }
    }
    embeddings
}

/// Embeddings of texts as a device computes them, `[N, D]` of whole numbers.
pub(crate) fn encode_integers(encoder: &Encoder<'_>, texts: &[&str]) -> Array2<f32> {
    collect(texts, |text, scratch| {
        let embedding = encoder.encode(text, scratch)?;
        Ok(embedding.0.map(f32::from))
    })
}

/// Embeddings of texts by core's float reference over an image, `[N, D]`.
pub(crate) fn encode_reference(encoder: &ReferenceEncoder<'_>, texts: &[&str]) -> Array2<f32> {
    collect(texts, |text, scratch| encoder.encode(text, scratch))
}

fn collect(
    texts: &[&str],
    encode: impl Fn(
        &str,
        &mut Scratch<SCRATCH_BYTES>,
    ) -> Result<[f32; DIMENSIONS], memt_core::encoder::ScratchTooSmall>
    + Sync,
) -> Array2<f32> {
    let rows: Vec<[f32; DIMENSIONS]> = texts
        .par_iter()
        .map_init(
            || Box::new(Scratch::new()),
            |scratch, text| {
                encode(text, scratch).unwrap_or_else(|error| {
                    unreachable!("the recipe was checked against it: {error}")
                })
            },
        )
        .collect();
    Array2::from(rows)
}

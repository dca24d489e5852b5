//! What a run leaves: image, words, card, curves.

mod assemble;
mod body;
mod card;
mod curves;
mod image;
mod lineage;
mod pack;
mod tensors;
mod words;

use crate::TrainError;
use crate::corpus::sources;
use crate::descent::State;
use crate::measure::{self, EvaluationSets};
use crate::model::Parameters;
use crate::paths::Paths;
use crate::recipe::{Part, Recipe};
use crate::run::{Entry, Outcome, write_whole};
use crate::vocabulary::KnownWords;
pub use card::Card;
pub(crate) use image::config;
pub use lineage::{Made, Run};
use memt_core::encoder::image::ALIGNMENT;
use memt_core::encoder::{Encoder, Image, ReferenceEncoder};
pub use pack::{RowFormat, pack};

/// Writes everything for the parameters `trained` and for `state`, which has them rounded, and measures the image.
pub(crate) fn ship(
    recipe: &Recipe,
    paths: &Paths,
    known: &KnownWords,
    trained: &Parameters,
    state: &State,
    log: &[Entry],
) -> Result<Outcome, TrainError> {
    let made = image::integer_image(recipe, known, state)?;
    let outcome_paths = |extension| paths.output(&recipe.name, extension);
    write_whole(&outcome_paths("memt"), &made)?;
    let float_image = image::float_image(recipe, known, trained)?;
    write_whole(&outcome_paths("f32.memt"), &float_image)?;
    let aligned = AlignedBytes::new(&made);
    let image = Image::open(aligned.bytes()).map_err(TrainError::Image)?;
    let integer = Encoder::new(image).map_err(TrainError::Encoder)?;
    let sets = EvaluationSets::all(paths)?;
    let integers = sets.measure(&|texts| measure::encode_integers(&integer, texts))?;
    let reference = ReferenceEncoder::new(image).map_err(TrainError::Image)?;
    let floats = sets.measure(&|texts| measure::encode_reference(&reference, texts))?;
    let unrounded = sets.measure(&|texts| {
        measure::encode_floats(trained.into(), Part::All, known, &recipe.model, texts)
    })?;
    let runs = lineage::runs(recipe, state)?;
    let card = Card {
        name: recipe.name.clone(),
        bytes: made.len(),
        fingerprint: image.fingerprint().to_string(),
        recipe: recipe.clone(),
        steps: lineage::steps(&runs),
        seconds: lineage::seconds(&runs),
        runs,
        machine: card::machine(),
        integers: integers.clone(),
        reference: floats,
        unrounded,
        sources: sources::read(&paths.data.join("sources.tsv"))?,
    };
    write_whole(&outcome_paths("md"), card.markdown().as_bytes())?;
    write_whole(&outcome_paths("json"), card.json()?.as_bytes())?;
    let words = words::words_file(image.fingerprint(), &known.strings);
    write_whole(&outcome_paths("words"), words.as_bytes())?;
    let curves = curves::curves(&recipe.name, log)?;
    write_whole(&outcome_paths("svg"), curves.as_bytes())?;
    Ok(Outcome {
        image: outcome_paths("memt"),
        float_image: outcome_paths("f32.memt"),
        words: outcome_paths("words"),
        card: outcome_paths("md"),
        card_json: outcome_paths("json"),
        curves: outcome_paths("svg"),
        log: outcome_paths("log.jsonl"),
        bytes: made.len(),
        integers,
    })
}

/// A copy of an image at an address that core accepts.
pub(crate) struct AlignedBytes {
    bytes: Vec<u8>,
    start: usize,
}

impl AlignedBytes {
    pub(crate) fn new(image: &[u8]) -> Self {
        let mut bytes = vec![0; image.len() + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        bytes[start..start + image.len()].copy_from_slice(image);
        Self { bytes, start }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

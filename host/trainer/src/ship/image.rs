//! The model image of trained parameters.

use super::assemble::{Parts, RowFormat};
use crate::TrainError;
use crate::descent::State;
use crate::recipe::{ModelRecipe, Recipe};
use crate::vocabulary::KnownWords;
use memt_core::encoder::config::{Body, Config, FrontEnd, WordsConfig};

/// The image of the parameters rounded to integers. Its rows are exactly those that a quantised last
/// stage saw; without such a stage they are rounded here for the first time.
pub(super) fn integer_image(
    recipe: &Recipe,
    known: &KnownWords,
    state: &State,
) -> Result<Vec<u8>, TrainError> {
    let format = match recipe.model.row_bits {
        4 => RowFormat::Bits4,
        _ => RowFormat::Bits8,
    };
    let made = parts(recipe, known, state).image(format)?;
    let budget = recipe.model.budget_bytes;
    if made.len() > budget {
        return Err(TrainError::OverBudget {
            bytes: made.len(),
            budget,
        });
    }
    Ok(made)
}

/// The image of the parameters as they were trained, before any rounding.
pub(super) fn float_image(
    recipe: &Recipe,
    known: &KnownWords,
    state: &State,
) -> Result<Vec<u8>, TrainError> {
    parts(recipe, known, state).image(RowFormat::Floats)
}

fn parts<'p>(recipe: &Recipe, known: &'p KnownWords, state: &'p State) -> Parts<'p> {
    Parts {
        config: config(&recipe.model),
        starts: &known.starts,
        remainders: &known.remainders,
        row_width: usize::from(recipe.model.row_width),
        rows: &state.parameters.rows,
        projection: &state.parameters.projection,
        grid: state.grid,
    }
}

fn config(model: &ModelRecipe) -> Config {
    Config {
        front: FrontEnd::Words(WordsConfig {
            words: model.words,
            ngrams: model.ngrams,
            row_width: model.row_width,
            bucket_bits: model.bucket_bits,
            window: model.window,
        }),
        body: Body::Bag,
    }
}

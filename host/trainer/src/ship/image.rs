//! The model image of trained parameters.

use super::assemble::{Parts, RowFormat};
use super::tensors::Tensors;
use crate::TrainError;
use crate::descent::{Shown, State};
use crate::model::Parameters;
use crate::quantise::QuantisedRows;
use crate::recipe::{Activation, BodyRecipe, ModelRecipe, Pooling, Recipe, TransformerRecipe};
use crate::vocabulary::KnownWords;
use memt_core::encoder::config::{self, Body, Config, FrontEnd, TransformerConfig, WordsConfig};
use memt_core::encoder::tensor::TensorName;

/// The image of the parameters rounded to integers: exactly those that a quantised last stage saw.
pub(super) fn integer_image(
    recipe: &Recipe,
    known: &KnownWords,
    state: &State,
) -> Result<Vec<u8>, TrainError> {
    let model = &recipe.model;
    let made = match state.grid.zip(Shown::of(state).integers) {
        Some((grid, body)) => {
            let width = usize::from(model.row_width);
            let mut tensors = Tensors::default();
            tensors.add_vocabulary(&known.starts, &known.remainders);
            let rows = QuantisedRows::of(&state.parameters.rows, width, grid);
            tensors.add_rows(&rows, width, grid.levels.tensor_format());
            tensors.add_fine(&rows, &state.parameters.rows, grid, &state.fine);
            tensors.add_integer_body(&body);
            tensors.write(&config(model))?
        }
        None => {
            let parts = Parts {
                grid: state.grid,
                fine: &state.fine,
                ..parts(recipe, known, &state.parameters)
            };
            parts.image(match model.row_bits {
                2 => RowFormat::Bits2,
                4 => RowFormat::Bits4,
                _ => RowFormat::Bits8,
            })?
        }
    };
    if made.len() > model.budget_bytes {
        return Err(TrainError::OverBudget {
            bytes: made.len(),
            budget: model.budget_bytes,
        });
    }
    Ok(made)
}

/// The image of `parameters` as they were trained, before any rounding.
///
/// The rows of a transformer are scaled, which changes nothing but keeps the variance of every row
/// far above the epsilon that core's reference adds to it.
pub(super) fn float_image(
    recipe: &Recipe,
    known: &KnownWords,
    parameters: &Parameters,
) -> Result<Vec<u8>, TrainError> {
    let Some(body) = &parameters.body else {
        return parts(recipe, known, parameters).image(RowFormat::Floats);
    };
    let rows: Vec<f32> = parameters
        .rows
        .iter()
        .map(|value| ROW_SCALE * value)
        .collect();
    let mut tensors = Tensors::default();
    tensors.add_vocabulary(&known.starts, &known.remainders);
    tensors.add_floats((TensorName::Rows, 0), parameters.row_width, &rows);
    tensors.add_float_body(parameters, body);
    tensors.write(&config(&recipe.model))
}

/// A power of two, so that scaling is exact. Rows of frequent words have deviations of about 1e-3.
const ROW_SCALE: f32 = 16_384.0;

fn parts<'p>(recipe: &Recipe, known: &'p KnownWords, parameters: &'p Parameters) -> Parts<'p> {
    Parts {
        config: config(&recipe.model),
        starts: &known.starts,
        remainders: &known.remainders,
        row_width: usize::from(recipe.model.row_width),
        rows: &parameters.rows,
        projection: &parameters.projection,
        grid: None,
        fine: &[],
    }
}

/// What the image says about its model.
pub(crate) fn config(model: &ModelRecipe) -> Config {
    Config {
        front: FrontEnd::Words(WordsConfig {
            words: model.words,
            ngrams: model.ngrams,
            row_width: model.row_width,
            bucket_bits: model.bucket_bits,
            window: model.window,
        }),
        body: match &model.body {
            BodyRecipe::Bag => Body::Bag,
            BodyRecipe::Transformer(body) => Body::Transformer(transformer(body)),
        },
    }
}

fn transformer(body: &TransformerRecipe) -> TransformerConfig {
    TransformerConfig {
        width: body.width,
        layers: body.layers,
        heads: body.heads,
        hidden: body.hidden,
        activation: match body.activation {
            Activation::Relu => config::Activation::Relu,
            Activation::Gelu => config::Activation::Gelu,
        },
        positions: body.positions,
        pooling: match body.pooling {
            Pooling::Mean => config::Pooling::Mean,
            Pooling::Max => config::Pooling::Max,
            Pooling::MeanMax => config::Pooling::MeanMax,
        },
        bag: true,
        norm_bits: body.norm_bits,
    }
}

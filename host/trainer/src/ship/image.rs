//! The model image of trained parameters.

use crate::TrainError;
use crate::descent::State;
use crate::quantise::{QuantisedRows, RowGrid, quantise_projection, smallest_unit};
use crate::recipe::{ModelRecipe, Recipe};
use crate::vocabulary::KnownWords;
use memt_core::encoder::config::{Body, Config, FrontEnd, WordsConfig};
use memt_core::encoder::image::{self, TensorSource};
use memt_core::encoder::tensor::{TensorEntry, TensorFormat, TensorName, pack_row};

/// The image of the parameters rounded to integers. Its rows are exactly those that a quantised last
/// stage saw; without such a stage they are rounded here for the first time.
pub(super) fn integer_image(
    recipe: &Recipe,
    known: &KnownWords,
    state: &State,
) -> Result<Vec<u8>, TrainError> {
    let model = &recipe.model;
    let width = usize::from(model.row_width);
    let limit = if model.row_bits == 4 { 7.0 } else { 127.0 };
    let grid = state.grid.unwrap_or_else(|| RowGrid {
        limit,
        unit: smallest_unit(&state.parameters.rows, limit),
    });
    let rows = QuantisedRows::of(&state.parameters.rows, width, grid);
    let projection = quantise_projection(&state.parameters.projection, width);
    let row_format = if model.row_bits == 4 {
        TensorFormat::I4
    } else {
        TensorFormat::I8
    };
    let tables = [
        table(
            TensorName::VocabularyStarts,
            TensorFormat::U16,
            1,
            known.starts.clone(),
        ),
        table(
            TensorName::VocabularyRemainders,
            TensorFormat::U16,
            1,
            known.remainders.clone(),
        ),
        table(
            TensorName::Rows,
            row_format,
            width,
            row_bytes(&rows.values, width, model),
        ),
        table(
            TensorName::RowScales,
            TensorFormat::U16,
            1,
            u16_bytes(&rows.scales),
        ),
        table(
            TensorName::Projection,
            TensorFormat::I8,
            width,
            i8_bytes(&projection.values),
        ),
        table(
            TensorName::ProjectionScales,
            TensorFormat::U16,
            1,
            u16_bytes(&projection.scales),
        ),
    ];
    let sources = tables.each_ref().map(|(entry, bytes)| TensorSource {
        entry: *entry,
        bytes,
    });
    let room = tables
        .iter()
        .map(|(_, bytes)| bytes.len() + 64)
        .sum::<usize>()
        + 1024;
    let mut out = vec![0; room];
    let written = image::write(&config(model), &sources, &mut out).map_err(TrainError::Image)?;
    out.truncate(written);
    if written > model.budget_bytes {
        return Err(TrainError::OverBudget {
            bytes: written,
            budget: model.budget_bytes,
        });
    }
    Ok(out)
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

fn table(
    name: TensorName,
    format: TensorFormat,
    columns: usize,
    bytes: Vec<u8>,
) -> (TensorEntry, Vec<u8>) {
    let row_bytes = format.row_bytes(columns as u32) as usize;
    let entry = TensorEntry {
        name,
        layer: 0,
        format,
        rows: (bytes.len() / row_bytes) as u32,
        columns: columns as u32,
        offset: 0,
    };
    (entry, bytes)
}

fn row_bytes(values: &[i8], width: usize, model: &ModelRecipe) -> Vec<u8> {
    if model.row_bits == 8 {
        return i8_bytes(values);
    }
    values.chunks(width).flat_map(pack_row).collect()
}

fn i8_bytes(values: &[i8]) -> Vec<u8> {
    values.iter().map(|&value| value as u8).collect()
}

fn u16_bytes(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

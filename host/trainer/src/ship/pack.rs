//! An image in another number format.

use super::assemble::Parts;
pub use super::assemble::RowFormat;
use crate::TrainError;
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::Image;
use memt_core::encoder::config::Body;
use memt_core::encoder::tensor::TensorName;
use memt_core::encoder::weights::{BagWeights, Table};

/// The model of `image` with its numbers stored as `format`: floats rounded to integers, integers
/// to fewer bits, or integers as floats.
///
/// Another format is another embedding space, with a fingerprint of its own.
///
/// # Errors
/// The image lacks what its config asks for, or is no bag: the integers of other bodies need units of
/// activations, which only training knows.
pub fn pack(image: &Image<'_>, format: RowFormat) -> Result<Vec<u8>, TrainError> {
    if image.config().body != Body::Bag {
        return Err(TrainError::NotABag);
    }
    let weights = BagWeights::find(image).map_err(TrainError::Image)?;
    let bytes_of = |name| {
        let tensor = image.tensor(name, 0).map_err(TrainError::Image)?;
        Ok::<_, TrainError>(tensor.bytes)
    };
    let rows = image.config().front.rows() as usize;
    let parts = Parts {
        config: *image.config(),
        starts: bytes_of(TensorName::VocabularyStarts)?,
        remainders: bytes_of(TensorName::VocabularyRemainders)?,
        row_width: weights.front.row_width,
        rows: &floats(&weights.front.rows, rows, weights.front.row_width),
        projection: &floats(&weights.projection, DIMENSIONS, weights.front.row_width),
        grid: None,
        fine: &[],
    };
    parts.image(format)
}

fn floats(table: &Table<'_>, rows: usize, columns: usize) -> Vec<f32> {
    (0..rows)
        .flat_map(|row| table.floats(row, columns))
        .collect()
}

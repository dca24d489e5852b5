//! The weights of a model, found in its image and checked against its config.

mod fine;
mod front;
mod table;

pub use fine::FineRows;
pub(super) use front::TokenRows;
pub use front::{FrontWeights, Lookup};
pub use table::{IntegerTable, Table};

use super::image::{Image, ImageError, Search};
use super::tensor::{MatrixName, Tensor, TensorFormat, TensorName};
use crate::embedding::DIMENSIONS;

/// Everything the bag encoder reads; `T` is [`IntegerTable`] for the integer encoder and [`Table`]
/// for the float reference.
#[derive(Clone, Copy, Debug)]
pub struct BagWeights<'m, T> {
    /// From tokens to rows.
    pub front: FrontWeights<'m, T>,
    /// `[E, R]`
    pub projection: T,
}

impl<'m> BagWeights<'m, Table<'m>> {
    /// Finds and checks the tensors of `image`.
    #[inline]
    pub fn find(image: &Image<'m>) -> Result<Self, ImageError> {
        let front = FrontWeights::find(image)?;
        let shape = [DIMENSIONS as u32, front.row_width as u32];
        let (name, scales) = (TensorName::Projection, TensorName::ProjectionScales);
        let projection = Table::find(image, name, scales, shape)?;
        Ok(Self { front, projection })
    }

    /// The same weights for the integer encoder, if all of them are integers.
    #[inline]
    pub fn integers(&self) -> Option<BagWeights<'m, IntegerTable<'m>>> {
        Some(BagWeights {
            front: self.front.integers()?,
            projection: self.projection.integers()?,
        })
    }
}

/// The tensor of this name, if it has this format and shape.
pub(super) fn find<'m>(
    image: &Image<'m>,
    (name, layer): (TensorName, u8),
    format: TensorFormat,
    shape: [usize; 2],
) -> Result<Tensor<'m>, ImageError> {
    check(image.tensor(name, layer)?, format, shape)
}

/// The numbers of the tensor of this name, `[rows]`, little-endian, if it has this format and shape.
pub(super) fn find_numbers<'m, T: bytemuck::AnyBitPattern>(
    image: &mut Search<'_, 'm>,
    (name, layer): (TensorName, u8),
    format: TensorFormat,
    rows: usize,
) -> Result<&'m [T], ImageError> {
    numbers(image.tensor(name, layer)?, format, rows)
}

/// As [`find_numbers`] for a tensor that may be missing.
#[inline]
pub(super) fn find_optional_numbers<'m, T: bytemuck::AnyBitPattern>(
    image: &mut Search<'_, 'm>,
    (name, layer): (TensorName, u8),
    format: TensorFormat,
    rows: usize,
) -> Result<Option<&'m [T]>, ImageError> {
    match image.tensor(name, layer) {
        Ok(tensor) => numbers(tensor, format, rows).map(Some),
        Err(_) => Ok(None),
    }
}

fn numbers<T: bytemuck::AnyBitPattern>(
    tensor: Tensor<'_>,
    format: TensorFormat,
    rows: usize,
) -> Result<&[T], ImageError> {
    let tensor = check(tensor, format, [rows, 1])?;
    bytemuck::try_cast_slice(tensor.bytes).map_err(|_| ImageError::TensorShape(tensor.entry.name))
}

fn check(
    tensor: Tensor<'_>,
    format: TensorFormat,
    shape: [usize; 2],
) -> Result<Tensor<'_>, ImageError> {
    let found = [tensor.entry.rows as usize, tensor.entry.columns as usize];
    match tensor.entry.format == format && found == shape {
        true => Ok(tensor),
        false => Err(ImageError::TensorShape(tensor.entry.name)),
    }
}

/// From raw rows to steps of the stream, times 2^24.
#[inline]
pub(super) fn find_row_multiplier(image: &Image<'_>) -> Result<u32, ImageError> {
    let name = (TensorName::Multipliers(MatrixName::Input), 0);
    let multiplier: &[u32] = find_numbers(&mut image.search(), name, TensorFormat::U32, 1)?;
    Ok(u32::from_le(multiplier[0]))
}

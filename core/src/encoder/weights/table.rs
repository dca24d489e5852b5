//! Matrices with a scale a row.

use super::{FineRows, find};
use crate::encoder::image::{Image, ImageError};
use crate::encoder::kernel;
use crate::encoder::packed::number_at;
use crate::encoder::tensor::{MAX_ROW_SCALE, Tensor, TensorFormat, TensorName};

/// A matrix of small integers with a scale a row: number = integer x scale of its row, and a second
/// such product where the row has a second one.
#[derive(Clone, Copy, Debug)]
pub struct IntegerTable<'m> {
    /// `[N, R]`, I2, I4 or I8.
    pub values: Tensor<'m>,
    /// `[N]` u16.
    pub scales: Tensor<'m>,
    /// Second rows of some, which are added to the first.
    pub fine: Option<FineRows<'m>>,
}

/// A matrix as the image stores it.
#[derive(Clone, Copy, Debug)]
pub enum Table<'m> {
    /// What ships.
    Integers(IntegerTable<'m>),
    /// `[N, R]` F32, for reference.
    Floats(Tensor<'m>),
}

impl IntegerTable<'_> {
    /// `sums += row` in units of the scales; `sums` has R numbers.
    #[inline]
    pub fn add_row(&self, row: usize, sums: &mut [i32]) {
        // A damaged scale must not overflow the sums that the limits of the config were made for.
        let scale = i32::from(self.scales.u16_at(row).min(MAX_ROW_SCALE));
        let values = self.values.row(row);
        kernel::with_wide_vectors(|| match self.values.entry.format {
            TensorFormat::I2 => kernel::add_scaled_packed::<2>(sums, values, scale),
            TensorFormat::I4 => kernel::add_scaled_packed::<4>(sums, values, scale),
            _ => kernel::add_scaled_i8(sums, bytemuck::cast_slice(values), scale),
        });
        if let Some(fine) = &self.fine {
            fine.add_row(row, sums);
        }
    }

    /// The inner product of the integers of a row with R activations; its scale is not applied.
    #[inline]
    pub fn dot_row(&self, row: usize, activations: &[i16]) -> i32 {
        let values = self.values.row(row);
        match self.values.entry.format {
            TensorFormat::I2 => kernel::dot_packed_i16::<2>(values, activations),
            TensorFormat::I4 => kernel::dot_packed_i16::<4>(values, activations),
            _ => kernel::dot_i8_i16(bytemuck::cast_slice(values), activations),
        }
    }
}

impl<'m> Table<'m> {
    /// Finds the table of `shape`, `[N, R]`.
    #[inline]
    pub(super) fn find(
        image: &Image<'m>,
        name: TensorName,
        scales: TensorName,
        shape: [u32; 2],
    ) -> Result<Self, ImageError> {
        let values = image.tensor(name, 0)?;
        if [values.entry.rows, values.entry.columns] != shape {
            return Err(ImageError::TensorShape(name));
        }
        let rows = shape[0] as usize;
        match values.entry.format {
            TensorFormat::I2 | TensorFormat::I4 | TensorFormat::I8 => {
                Ok(Self::Integers(IntegerTable {
                    values,
                    scales: find(image, (scales, 0), TensorFormat::U16, [rows, 1])?,
                    fine: match name {
                        TensorName::Rows => FineRows::find(image, &values)?,
                        _ => None,
                    },
                }))
            }
            TensorFormat::F32 => Ok(Self::Floats(values)),
            _ => Err(ImageError::TensorShape(name)),
        }
    }

    /// The table, if it holds integers.
    #[inline]
    pub fn integers(&self) -> Option<IntegerTable<'m>> {
        match self {
            Self::Integers(table) => Some(*table),
            Self::Floats(_) => None,
        }
    }

    /// The numbers of a row as floats, `integer x scale` where they are integers.
    pub fn floats(&self, row: usize, columns: usize) -> impl Iterator<Item = f32> + use<'_, 'm> {
        (0..columns).map(move |column| match self {
            Self::Floats(values) => values.f32_at(row * columns + column),
            Self::Integers(table) => {
                let value = number_at(table.values.entry.format, table.values.row(row), column);
                let fine = table.fine.and_then(|fine| fine.of(row));
                f32::from(value) * f32::from(table.scales.u16_at(row))
                    + fine.map_or(0.0, |(values, scale)| {
                        f32::from(number_at(TensorFormat::I2, values, column)) * scale as f32
                    })
            }
        })
    }
}

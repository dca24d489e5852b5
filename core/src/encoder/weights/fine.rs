//! Second rows, for what rounding left of the first.
//!
//! Two bits cost a row a tenth of its squares; the same again of what is left costs it a hundredth.
//! Rows that texts use most have a second one: a row is `integers x scale + fine integers x fine
//! scale` (residual quantization: Chen, Guan, Wang, "Approximate nearest neighbor search by residual
//! vector quantization", 2010).

use super::find;
use crate::encoder::image::{Image, ImageError};
use crate::encoder::kernel;
use crate::encoder::tensor::{MAX_ROW_SCALE, Tensor, TensorFormat, TensorName};

/// The second rows of a table of rows of two bits.
#[derive(Clone, Copy, Debug)]
pub struct FineRows<'m> {
    /// `[F]` u16, ascending: the rows to which these belong.
    places: Tensor<'m>,
    /// `[F, R]` I2.
    values: Tensor<'m>,
    /// `[F]` u16.
    scales: Tensor<'m>,
}

impl<'m> FineRows<'m> {
    /// Finds the second rows of the table `rows` `[N, R]`; none in an image without them.
    #[inline]
    pub(super) fn find(image: &Image<'m>, rows: &Tensor<'m>) -> Result<Option<Self>, ImageError> {
        let Ok(values) = image.tensor(TensorName::FineRows, 0) else {
            return Ok(None);
        };
        let two_bits = [rows, &values].map(|tensor| tensor.entry.format) == [TensorFormat::I2; 2];
        if !two_bits || values.entry.columns != rows.entry.columns {
            return Err(ImageError::TensorShape(TensorName::FineRows));
        }
        let shape = [values.entry.rows as usize, 1];
        let numbers = |name| find(image, (name, 0), TensorFormat::U16, shape);
        let fine = Self {
            places: numbers(TensorName::FinePlaces)?,
            values,
            scales: numbers(TensorName::FineScales)?,
        };
        fine.check_order(rows.entry.rows)?;
        Ok(Some(fine))
    }

    #[inline]
    fn check_order(&self, rows: u32) -> Result<(), ImageError> {
        let mut next = 0;
        for index in 0..self.values.entry.rows as usize {
            let place = u32::from(self.places.u16_at(index));
            if place < next || place >= rows {
                return Err(ImageError::FinePlace {
                    index,
                    place,
                    first: next,
                    rows,
                });
            }
            next = place + 1;
        }
        Ok(())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.values.entry.rows as usize
    }

    /// Which of them belongs to `row`, if one does.
    fn index_of(&self, row: usize) -> Option<usize> {
        let (mut first, mut end) = (0, self.count());
        while first < end {
            let middle = (first + end) / 2;
            if usize::from(self.places.u16_at(middle)) < row {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        (first < self.count() && usize::from(self.places.u16_at(first)) == row).then_some(first)
    }

    /// The integers of the second row of `row`, and what a step of them is worth, if it has one.
    pub(super) fn of(&self, row: usize) -> Option<(&'m [u8], i32)> {
        let index = self.index_of(row)?;
        let scale = self.scales.u16_at(index).min(MAX_ROW_SCALE);
        Some((self.values.row(index), scale.into()))
    }

    /// Adds the second row of `row` to `sums` `[R]`, if it has one.
    #[inline]
    pub(super) fn add_row(&self, row: usize, sums: &mut [i32]) {
        if let Some((values, scale)) = self.of(row) {
            kernel::add_scaled_packed::<2>(sums, values, scale);
        }
    }
}

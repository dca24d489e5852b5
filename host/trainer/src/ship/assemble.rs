//! A bag model's floats as an image, in any of its number formats.

use super::tensors::{Tensors, i8_bytes, u16_bytes};
use crate::TrainError;
use crate::quantise::{Levels, QuantisedRows, RowGrid, quantise_projection, smallest_unit};
use memt_core::encoder::config::Config;
use memt_core::encoder::tensor::{TensorFormat, TensorName};

/// How an image stores the rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// Two bits and a scale a row; the projection has eight.
    Bits2,
    /// Four bits and a scale a row; the projection has eight.
    Bits4,
    /// Eight bits and a scale a row; the projection too.
    Bits8,
    /// Floats, the projection too: for reference.
    Floats,
}

/// A bag model.
pub(super) struct Parts<'p> {
    pub(super) config: Config,
    /// The vocabulary's tables, as the image stores them.
    pub(super) starts: &'p [u8],
    pub(super) remainders: &'p [u8],
    /// R: numbers a row.
    pub(super) row_width: usize,
    /// `[W + G, R]`, flat.
    pub(super) rows: &'p [f32],
    /// `[D, R]`, flat.
    pub(super) projection: &'p [f32],
    /// The grid of the rows, where training has fixed it.
    pub(super) grid: Option<RowGrid>,
    /// The rows with a second row, ascending.
    pub(super) fine: &'p [u32],
}

impl Parts<'_> {
    /// The image.
    pub(super) fn image(&self, format: RowFormat) -> Result<Vec<u8>, TrainError> {
        let mut tensors = Tensors::default();
        tensors.add_vocabulary(self.starts, self.remainders);
        match format {
            RowFormat::Bits2 => self.add_integers(&mut tensors, Levels::Bits2),
            RowFormat::Bits4 => self.add_integers(&mut tensors, Levels::Bits4),
            RowFormat::Bits8 => self.add_integers(&mut tensors, Levels::Bits8),
            RowFormat::Floats => self.add_floats(&mut tensors),
        }
        tensors.write(&self.config)
    }

    fn add_integers(&self, tensors: &mut Tensors, levels: Levels) {
        let width = self.row_width;
        let fixed = self.grid.filter(|grid| grid.levels == levels);
        let grid = fixed.unwrap_or_else(|| RowGrid {
            levels,
            unit: smallest_unit(self.rows, levels),
        });
        let rows = QuantisedRows::of(self.rows, width, grid);
        tensors.add_rows(&rows, width, levels.tensor_format());
        tensors.add_fine(&rows, self.rows, grid, self.fine);
        let projection = quantise_projection(self.projection, width);
        let name = (TensorName::Projection, 0);
        let bytes = i8_bytes(&projection.values);
        tensors.add(name, TensorFormat::I8, width, bytes);
        let name = (TensorName::ProjectionScales, 0);
        let bytes = u16_bytes(&projection.scales);
        tensors.add(name, TensorFormat::U16, 1, bytes);
    }

    fn add_floats(&self, tensors: &mut Tensors) {
        for (name, numbers) in [
            (TensorName::Rows, self.rows),
            (TensorName::Projection, self.projection),
        ] {
            tensors.add_floats((name, 0), self.row_width, numbers);
        }
    }
}

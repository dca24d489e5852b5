//! A bag model's floats as an image, in any of its number formats.

use crate::TrainError;
use crate::quantise::{QuantisedRows, RowGrid, quantise_projection, smallest_unit};
use memt_core::encoder::config::Config;
use memt_core::encoder::image::{self, TensorSource};
use memt_core::encoder::tensor::{TensorEntry, TensorFormat, TensorName, pack_row};

/// How an image stores the rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
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
}

impl Parts<'_> {
    /// The image.
    pub(super) fn image(&self, format: RowFormat) -> Result<Vec<u8>, TrainError> {
        let mut tables = vec![
            table(
                TensorName::VocabularyStarts,
                TensorFormat::U16,
                1,
                self.starts.to_vec(),
            ),
            table(
                TensorName::VocabularyRemainders,
                TensorFormat::U16,
                1,
                self.remainders.to_vec(),
            ),
        ];
        match format {
            RowFormat::Bits4 => self.add_integers(&mut tables, TensorFormat::I4, 7.0),
            RowFormat::Bits8 => self.add_integers(&mut tables, TensorFormat::I8, 127.0),
            RowFormat::Floats => self.add_floats(&mut tables),
        }
        let sources: Vec<TensorSource<'_>> = tables
            .iter()
            .map(|(entry, bytes)| TensorSource {
                entry: *entry,
                bytes,
            })
            .collect();
        let room: usize = tables.iter().map(|(_, bytes)| bytes.len() + 64).sum();
        let mut out = vec![0; room + 1024];
        let written = image::write(&self.config, &sources, &mut out).map_err(TrainError::Image)?;
        out.truncate(written);
        Ok(out)
    }

    fn add_integers(&self, tables: &mut Vec<StoredTensor>, format: TensorFormat, limit: f32) {
        let width = self.row_width;
        let fixed = self.grid.filter(|grid| grid.limit == limit);
        let grid = fixed.unwrap_or_else(|| RowGrid {
            limit,
            unit: smallest_unit(self.rows, limit),
        });
        let rows = QuantisedRows::of(self.rows, width, grid);
        let row_bytes = match format {
            TensorFormat::I4 => rows.values.chunks(width).flat_map(pack_row).collect(),
            _ => i8_bytes(&rows.values),
        };
        let projection = quantise_projection(self.projection, width);
        tables.extend([
            table(TensorName::Rows, format, width, row_bytes),
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
        ]);
    }

    fn add_floats(&self, tables: &mut Vec<StoredTensor>) {
        for (name, numbers) in [
            (TensorName::Rows, self.rows),
            (TensorName::Projection, self.projection),
        ] {
            let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
            tables.push(table(
                name,
                TensorFormat::F32,
                self.row_width,
                bytes.collect(),
            ));
        }
    }
}

type StoredTensor = (TensorEntry, Vec<u8>);

fn table(name: TensorName, format: TensorFormat, columns: usize, bytes: Vec<u8>) -> StoredTensor {
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

fn i8_bytes(values: &[i8]) -> Vec<u8> {
    values.iter().map(|&value| value as u8).collect()
}

fn u16_bytes(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

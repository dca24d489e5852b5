//! The tensors of an image before they are written.

use crate::TrainError;
use crate::quantise::{QuantisedRows, RowGrid};
use memt_core::encoder::config::Config;
use memt_core::encoder::image::{self, TensorSource};
use memt_core::encoder::packed::pack_row;
use memt_core::encoder::tensor::{TensorEntry, TensorFormat, TensorName};

/// Tensors in the order in which the image holds them.
#[derive(Debug, Default)]
pub(super) struct Tensors {
    tensors: Vec<(TensorEntry, Vec<u8>)>,
}

impl Tensors {
    /// Adds a tensor of rows of `columns` numbers.
    pub(super) fn add(
        &mut self,
        (name, layer): (TensorName, u8),
        format: TensorFormat,
        columns: usize,
        bytes: Vec<u8>,
    ) {
        let row_bytes = format.row_bytes(columns as u32) as usize;
        let entry = TensorEntry {
            name,
            layer,
            format,
            rows: (bytes.len() / row_bytes) as u32,
            columns: columns as u32,
            offset: 0,
        };
        self.tensors.push((entry, bytes));
    }

    /// Adds the tables of a vocabulary, as the image stores them.
    pub(super) fn add_vocabulary(&mut self, starts: &[u8], remainders: &[u8]) {
        for (name, bytes) in [
            (TensorName::VocabularyStarts, starts),
            (TensorName::VocabularyRemainders, remainders),
        ] {
            self.add((name, 0), TensorFormat::U16, 1, bytes.to_vec());
        }
    }

    /// Adds the table of rows as integers of `format`, I2, I4 or I8.
    pub(super) fn add_rows(
        &mut self,
        rows: &QuantisedRows,
        row_width: usize,
        format: TensorFormat,
    ) {
        let packed = |row| pack_row(format, row);
        let bytes = rows.values.chunks(row_width).flat_map(packed).collect();
        self.add((TensorName::Rows, 0), format, row_width, bytes);
        let scales = u16_bytes(&rows.scales);
        self.add((TensorName::RowScales, 0), TensorFormat::U16, 1, scales);
    }

    /// Adds the second rows of those at `places`; `coarse` are the integers of `rows` (`[N, R]`, flat).
    pub(super) fn add_fine(
        &mut self,
        coarse: &QuantisedRows,
        rows: &[f32],
        grid: RowGrid,
        places: &[u32],
    ) {
        if places.is_empty() {
            return;
        }
        let width = rows.len() / coarse.scales.len();
        let fine = coarse.fine(rows, width, grid, places);
        let places: Vec<u16> = places.iter().map(|&row| row as u16).collect();
        let packed = |row| pack_row(TensorFormat::I2, row);
        let bytes = fine.values.chunks(width).flat_map(packed).collect();
        self.add((TensorName::FineRows, 0), TensorFormat::I2, width, bytes);
        for (name, numbers) in [
            (TensorName::FineScales, &fine.scales),
            (TensorName::FinePlaces, &places),
        ] {
            self.add((name, 0), TensorFormat::U16, 1, u16_bytes(numbers));
        }
    }

    /// Adds a tensor of floats.
    pub(super) fn add_floats(&mut self, name: (TensorName, u8), columns: usize, numbers: &[f32]) {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        self.add(name, TensorFormat::F32, columns, bytes.collect());
    }

    /// The image.
    pub(super) fn write(&self, config: &Config) -> Result<Vec<u8>, TrainError> {
        let sources: Vec<TensorSource<'_>> = self
            .tensors
            .iter()
            .map(|(entry, bytes)| TensorSource {
                entry: *entry,
                bytes,
            })
            .collect();
        // Every tensor begins at a multiple of 16 bytes, and its line of the directory is short.
        let room: usize = self.tensors.iter().map(|(_, bytes)| bytes.len() + 64).sum();
        let mut out = vec![0; room + 1024];
        let written = image::write(config, &sources, &mut out).map_err(TrainError::Image)?;
        out.truncate(written);
        Ok(out)
    }
}

pub(super) fn i8_bytes(values: &[i8]) -> Vec<u8> {
    values.iter().map(|&value| value as u8).collect()
}

pub(super) fn u16_bytes(values: &[u16]) -> Vec<u8> {
    let values = values.iter();
    values.flat_map(|value| value.to_le_bytes()).collect()
}

pub(super) fn u32_bytes(values: &[u32]) -> Vec<u8> {
    let values = values.iter();
    values.flat_map(|value| value.to_le_bytes()).collect()
}

pub(super) fn i32_bytes(values: &[i32]) -> Vec<u8> {
    let values = values.iter();
    values.flat_map(|value| value.to_le_bytes()).collect()
}

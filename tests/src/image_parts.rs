//! Tensors of an image in the making, and the image that they make.

use crate::aligned::AlignedBytes;
use memt_core::encoder::config::Config;
use memt_core::encoder::image::{self, TensorSource};
use memt_core::encoder::kernel::{self, MatrixFormat};
use memt_core::encoder::packed::pack_row;
use memt_core::encoder::tensor::{TensorEntry, TensorFormat, TensorName};

/// A tensor with its own bytes.
#[derive(Clone, Debug)]
pub struct OwnedTensor {
    entry: TensorEntry,
    bytes: Vec<u8>,
}

impl OwnedTensor {
    /// `[rows, columns]` in `format`, whose bytes are these.
    pub fn new(
        (name, layer): (TensorName, u8),
        format: TensorFormat,
        [rows, columns]: [usize; 2],
        bytes: Vec<u8>,
    ) -> Self {
        let entry = TensorEntry {
            name,
            layer,
            format,
            rows: rows as u32,
            columns: columns as u32,
            offset: 0,
        };
        Self { entry, bytes }
    }

    /// What it is for.
    pub fn name(&self) -> TensorName {
        self.entry.name
    }

    /// `[N]`
    pub fn u16(name: TensorName, numbers: &[u16]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::new((name, 0), TensorFormat::U16, [numbers.len(), 1], bytes)
    }

    /// `[N]`
    pub fn i16(name: (TensorName, u8), numbers: &[i16]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::new(name, TensorFormat::I16, [numbers.len(), 1], bytes)
    }

    /// `[N]`
    pub fn u32(name: (TensorName, u8), numbers: &[u32]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::new(name, TensorFormat::U32, [numbers.len(), 1], bytes)
    }

    /// `[N]`
    pub fn i32(name: (TensorName, u8), numbers: &[i32]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::new(name, TensorFormat::I32, [numbers.len(), 1], bytes)
    }

    /// `[N, columns]`
    pub fn floats(name: (TensorName, u8), columns: usize, numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let shape = [numbers.len() / columns, columns];
        Self::new(name, TensorFormat::F32, shape, bytes)
    }

    /// `[N, columns]` of integers, one row after another.
    pub fn rows(
        name: (TensorName, u8),
        format: TensorFormat,
        columns: usize,
        numbers: &[i8],
    ) -> Self {
        let rows = numbers.chunks(columns);
        let bytes = rows.flat_map(|row| pack_row(format, row)).collect();
        Self::new(name, format, [numbers.len() / columns, columns], bytes)
    }

    /// `[N, columns]` in the order of a matrix.
    pub fn matrix(
        name: (TensorName, u8),
        format: MatrixFormat,
        columns: usize,
        numbers: &[i8],
    ) -> Self {
        let rows = numbers.len() / columns;
        let mut bytes = vec![0; format.bytes(rows, columns)];
        kernel::pack(format, columns, numbers, &mut bytes);
        let stored = match format {
            MatrixFormat::I4 => TensorFormat::PairedI4,
            MatrixFormat::I8 => TensorFormat::PairedI8,
        };
        Self::new(name, stored, [rows, columns], bytes)
    }
}

/// The image of these tensors.
pub fn assemble(config: &Config, tensors: &[OwnedTensor]) -> AlignedBytes {
    let sources: Vec<TensorSource<'_>> = tensors
        .iter()
        .map(|tensor| TensorSource {
            entry: tensor.entry,
            bytes: &tensor.bytes,
        })
        .collect();
    let room: usize = tensors.iter().map(|tensor| tensor.bytes.len() + 64).sum();
    let mut image = AlignedBytes::zeros(room + 256);
    let length = image::write(config, &sources, image.as_mut()).expect("there is room");
    AlignedBytes::of(&image.as_ref()[..length])
}

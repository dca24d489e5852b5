//! A model in floats, from which images of floats and of integers are made.

use crate::aligned::AlignedBytes;
use crate::image_parts::{OwnedTensor, assemble};
use memt_core::encoder::config::Config;
use memt_core::encoder::tensor::{MatrixName, NormName, TensorName};

/// A model that reads characters, in floats.
#[derive(Clone, Debug)]
pub struct FloatModel {
    /// Its sizes.
    pub config: Config,
    /// The characters that have rows, ascending.
    pub characters: Vec<u32>,
    /// `[A + 1, R]`, the row of all other characters last.
    pub rows: Vec<f64>,
    /// `[T, D]`
    pub positions: Option<Vec<f64>>,
    /// Every matrix.
    pub maps: Vec<FloatMap>,
    /// The norms on the stream.
    pub norms: Vec<FloatNorm>,
}

/// `W x + b`
#[derive(Clone, Debug)]
pub struct FloatMap {
    /// Which one.
    pub name: MatrixName,
    /// Of which layer.
    pub layer: u8,
    /// I: numbers a row.
    pub columns: usize,
    /// `[O, I]`
    pub weights: Vec<f64>,
    /// `[O]`
    pub biases: Option<Vec<f64>>,
}

/// What a norm is multiplied by, and what is added to it.
#[derive(Clone, Debug)]
pub struct FloatNorm {
    /// Which one.
    pub name: NormName,
    /// Of which layer.
    pub layer: u8,
    /// `[D]`
    pub gains: Vec<f64>,
    /// `[D]`
    pub offsets: Vec<f64>,
}

impl FloatMap {
    /// Lets the map read what a norm without gains and offsets gives, as it would read it with them:
    /// `W (g x + o) + b = (W g) x + (W o + b)`. Columns beyond those of the norm begin it again.
    pub fn take_over(&mut self, gains: &[f64], offsets: &[f64]) {
        let rows = self.weights.len() / self.columns;
        let biases = self.biases.get_or_insert_with(|| vec![0.0; rows]);
        for (row, bias) in self.weights.chunks_mut(self.columns).zip(biases) {
            let features = gains.iter().zip(offsets).cycle();
            for (weight, (gain, offset)) in row.iter_mut().zip(features) {
                *bias += *weight * offset;
                *weight *= gain;
            }
        }
    }
}

impl FloatModel {
    /// The image that the float encoder reads in true units.
    pub fn float_image(&self) -> AlignedBytes {
        let row_width = self.config.front.row_width();
        let mut tensors = vec![
            OwnedTensor::u32((TensorName::Characters, 0), &self.characters),
            floats((TensorName::Rows, 0), row_width, &self.rows),
        ];
        if let Some(positions) = &self.positions {
            let width = positions.len() / self.config.window();
            tensors.push(floats((TensorName::Positions, 0), width, positions));
        }
        for map in &self.maps {
            let name = (TensorName::Weights(map.name), map.layer);
            tensors.push(floats(name, map.columns, &map.weights));
            if let Some(biases) = &map.biases {
                let name = (TensorName::Biases(map.name), map.layer);
                tensors.push(floats(name, 1, biases));
            }
        }
        for norm in &self.norms {
            let (gains, offsets) = (TensorName::Gains(norm.name), TensorName::Offsets(norm.name));
            tensors.push(floats((gains, norm.layer), 1, &norm.gains));
            tensors.push(floats((offsets, norm.layer), 1, &norm.offsets));
        }
        assemble(&self.config, &tensors)
    }
}

fn floats(name: (TensorName, u8), columns: usize, numbers: &[f64]) -> OwnedTensor {
    let numbers: Vec<f32> = numbers.iter().map(|&x| x as f32).collect();
    OwnedTensor::floats(name, columns, &numbers)
}

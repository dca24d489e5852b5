//! Small models of random numbers, for tests that need any model rather than a good one.

use crate::aligned::AlignedBytes;
use crate::fine;
use crate::image_parts::{OwnedTensor, assemble};
use crate::random::Random;
use crate::vocabulary;
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::config::{Body, Config, FrontEnd, WordsConfig};
use memt_core::encoder::tensor::{MAX_ROW_SCALE, TensorFormat, TensorName};

/// What a random model looks like.
#[derive(Clone, Copy, Debug)]
pub struct TinyModel {
    /// Which random numbers.
    pub seed: u64,
    /// R: numbers a row.
    pub row_width: u16,
    /// G: rows of n-grams.
    pub ngrams: u32,
    /// Most words encoded together.
    pub window: u16,
    /// B: bits of a bucket number.
    pub bucket_bits: u8,
    /// How rows are stored; those of two bits have second ones.
    pub rows: TensorFormat,
    /// How the projection is stored.
    pub projection: TensorFormat,
}

impl TinyModel {
    /// The model that golden files were made with: an odd width, so that a nibble is left over.
    pub const GOLDEN: Self = Self {
        seed: 20_251_122,
        row_width: 11,
        ngrams: 23,
        window: 16,
        bucket_bits: 3,
        rows: TensorFormat::I4,
        projection: TensorFormat::I8,
    };

    /// The image of this model over a vocabulary, whose repeats count once.
    pub fn image(&self, words: &[&str]) -> AlignedBytes {
        let mut random = Random::new(self.seed);
        let keys = vocabulary::keys(words, self.bucket_bits);
        let config = Config {
            front: FrontEnd::Words(WordsConfig {
                words: keys.len() as u32,
                ngrams: self.ngrams,
                row_width: self.row_width,
                bucket_bits: self.bucket_bits,
                window: self.window,
            }),
            body: Body::Bag,
        };
        let rows = keys.len() + self.ngrams as usize;
        let mut tensors = vocabulary::tensors(&keys, self.bucket_bits);
        tensors.extend(self.matrix(
            &mut random,
            [TensorName::Rows, TensorName::RowScales],
            [rows, self.row_width.into()],
            self.rows,
        ));
        if self.rows == TensorFormat::I2 {
            tensors.extend(fine::tensors(self.seed, rows, self.row_width.into()));
        }
        tensors.extend(self.matrix(
            &mut random,
            [TensorName::Projection, TensorName::ProjectionScales],
            [DIMENSIONS, self.row_width.into()],
            self.projection,
        ));
        assemble(&config, &tensors)
    }

    /// Values and scales; floats have their scales multiplied in and no scale tensor.
    fn matrix(
        &self,
        random: &mut Random,
        [values, scales]: [TensorName; 2],
        [rows, columns]: [usize; 2],
        format: TensorFormat,
    ) -> Vec<OwnedTensor> {
        let integer = |random: &mut Random| match format {
            TensorFormat::I2 => 2 * random.between(0, 3) - 3,
            TensorFormat::I4 => random.between(-7, 7),
            _ => random.between(-127, 127),
        };
        let numbers: Vec<i8> = (0..rows * columns).map(|_| integer(random) as i8).collect();
        let scale = |_| random.between(i32::from(MAX_ROW_SCALE) / 8, MAX_ROW_SCALE.into()) as u16;
        let row_scales: Vec<u16> = (0..rows).map(scale).collect();
        match format {
            TensorFormat::F32 => vec![floats(values, columns, &numbers, &row_scales)],
            _ => vec![
                OwnedTensor::rows((values, 0), format, columns, &numbers),
                OwnedTensor::u16(scales, &row_scales),
            ],
        }
    }
}

fn floats(name: TensorName, columns: usize, numbers: &[i8], scales: &[u16]) -> OwnedTensor {
    let rows = numbers.chunks(columns).zip(scales);
    let scaled = |(row, scale): (&[i8], &u16)| -> Vec<f32> {
        let scale = f32::from(*scale);
        row.iter().map(|&value| f32::from(value) * scale).collect()
    };
    let numbers: Vec<f32> = rows.flat_map(scaled).collect();
    OwnedTensor::floats((name, 0), columns, &numbers)
}

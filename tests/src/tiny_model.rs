//! Small models of random numbers, for tests that need any model rather than a good one.

use crate::aligned::AlignedBytes;
use crate::random::Random;
use memt_core::embedding::DIMENSIONS;
use memt_core::encoder::config::{Body, Config, FrontEnd, WordsConfig};
use memt_core::encoder::image::{self, TensorSource};
use memt_core::encoder::packed::pack_row;
use memt_core::encoder::tensor::{MAX_ROW_SCALE, TensorEntry, TensorFormat, TensorName};
use memt_core::tokens::hash::CharacterHash;
use memt_core::tokens::vocabulary::split;

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
    /// How rows are stored.
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
        let keys = self.keys(words);
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
        let mut tensors = self.vocabulary(&keys);
        tensors.extend(self.matrix(
            &mut random,
            [TensorName::Rows, TensorName::RowScales],
            [rows, self.row_width.into()],
            self.rows,
        ));
        tensors.extend(self.matrix(
            &mut random,
            [TensorName::Projection, TensorName::ProjectionScales],
            [DIMENSIONS, self.row_width.into()],
            self.projection,
        ));
        assemble(&config, &tensors)
    }

    fn keys(&self, words: &[&str]) -> Vec<(u32, u16)> {
        let key = |word: &&str| {
            let lower = word.chars().flat_map(char::to_lowercase);
            split(CharacterHash::of(lower), self.bucket_bits.into())
        };
        let mut keys: Vec<_> = words.iter().map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn vocabulary(&self, keys: &[(u32, u16)]) -> Vec<OwnedTensor> {
        let start = |bucket| keys.partition_point(|key| key.0 < bucket) as u16;
        let starts: Vec<u16> = (0..=1 << self.bucket_bits).map(start).collect();
        let remainders: Vec<u16> = keys.iter().map(|key| key.1).collect();
        vec![
            OwnedTensor::u16(TensorName::VocabularyStarts, &starts),
            OwnedTensor::u16(TensorName::VocabularyRemainders, &remainders),
        ]
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
        let numbers: Vec<Vec<i8>> = (0..rows)
            .map(|_| (0..columns).map(|_| integer(random) as i8).collect())
            .collect();
        let scale = |_| random.between(i32::from(MAX_ROW_SCALE) / 8, MAX_ROW_SCALE.into()) as u16;
        let row_scales: Vec<u16> = (0..rows).map(scale).collect();
        let bytes = numbers
            .iter()
            .zip(&row_scales)
            .flat_map(|(row, &scale)| stored(row, scale, format))
            .collect();
        let matrix = OwnedTensor {
            entry: entry(values, format, [rows, columns]),
            bytes,
        };
        match format {
            TensorFormat::F32 => vec![matrix],
            _ => vec![matrix, OwnedTensor::u16(scales, &row_scales)],
        }
    }
}

/// The bytes of a row.
fn stored(row: &[i8], scale: u16, format: TensorFormat) -> Vec<u8> {
    match format {
        TensorFormat::I2 | TensorFormat::I4 | TensorFormat::I8 => pack_row(format, row).collect(),
        TensorFormat::F32 => row
            .iter()
            .flat_map(|&value| (f32::from(value) * f32::from(scale)).to_le_bytes())
            .collect(),
        other => panic!("no model stores rows as {other:?}"),
    }
}

struct OwnedTensor {
    entry: TensorEntry,
    bytes: Vec<u8>,
}

impl OwnedTensor {
    fn u16(name: TensorName, numbers: &[u16]) -> Self {
        Self {
            entry: entry(name, TensorFormat::U16, [numbers.len(), 1]),
            bytes: numbers
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect(),
        }
    }
}

fn entry(name: TensorName, format: TensorFormat, [rows, columns]: [usize; 2]) -> TensorEntry {
    TensorEntry {
        name,
        layer: 0,
        format,
        rows: rows as u32,
        columns: columns as u32,
        offset: 0,
    }
}

fn assemble(config: &Config, tensors: &[OwnedTensor]) -> AlignedBytes {
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

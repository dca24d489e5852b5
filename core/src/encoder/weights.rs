//! The weights of a model, found in its image and checked against its config.

use super::config::{FrontEnd, WordsConfig};
use super::image::{Image, ImageError};
use super::tensor::{Tensor, TensorFormat, TensorName};
use crate::embedding::DIMENSIONS;
use crate::tokens::Vocabulary;

/// A matrix of small integers with a scale a row: number = integer x scale of its row.
#[derive(Clone, Copy, Debug)]
pub struct IntegerTable<'m> {
    /// `[N, R]`, I4 or I8.
    pub values: Tensor<'m>,
    /// `[N]` u16.
    pub scales: Tensor<'m>,
}

/// A matrix as the image stores it.
#[derive(Clone, Copy, Debug)]
pub enum Table<'m> {
    /// What ships.
    Integers(IntegerTable<'m>),
    /// `[N, R]` F32, for reference.
    Floats(Tensor<'m>),
}

/// The word front end: known words and their rows; `T` is [`IntegerTable`] for the integer encoder
/// and [`Table`] for the float reference.
#[derive(Clone, Copy, Debug)]
pub struct RowWeights<'m, T> {
    /// W: rows of known words.
    pub words: u32,
    /// G: rows of n-grams.
    pub ngrams: u32,
    /// R: numbers a row.
    pub row_width: usize,
    /// Known words.
    pub vocabulary: Vocabulary<'m>,
    /// `[W + G, R]`
    pub rows: T,
}

/// Everything the bag encoder reads.
#[derive(Clone, Copy, Debug)]
pub struct BagWeights<'m, T> {
    /// From words to rows.
    pub front: RowWeights<'m, T>,
    /// `[E, R]`
    pub projection: T,
}

impl<'m> RowWeights<'m, Table<'m>> {
    /// Finds and checks the tensors of `image`.
    pub fn find(image: &Image<'m>) -> Result<Self, ImageError> {
        let FrontEnd::Words(front) = image.config().front;
        let shape = [front.words + front.ngrams, u32::from(front.row_width)];
        Ok(Self {
            words: front.words,
            ngrams: front.ngrams,
            row_width: usize::from(front.row_width),
            vocabulary: find_vocabulary(image, &front)?,
            rows: find_table(image, TensorName::Rows, TensorName::RowScales, shape)?,
        })
    }

    /// The same weights for the integer encoder, if they are integers.
    pub fn integers(&self) -> Option<RowWeights<'m, IntegerTable<'m>>> {
        Some(RowWeights {
            words: self.words,
            ngrams: self.ngrams,
            row_width: self.row_width,
            vocabulary: self.vocabulary,
            rows: self.rows.integers()?,
        })
    }
}

impl<'m> BagWeights<'m, Table<'m>> {
    /// Finds and checks the tensors of `image`.
    pub fn find(image: &Image<'m>) -> Result<Self, ImageError> {
        let front = RowWeights::find(image)?;
        let shape = [DIMENSIONS as u32, front.row_width as u32];
        let (name, scales) = (TensorName::Projection, TensorName::ProjectionScales);
        let projection = find_table(image, name, scales, shape)?;
        Ok(Self { front, projection })
    }

    /// The same weights for the integer encoder, if all of them are integers.
    pub fn integers(&self) -> Option<BagWeights<'m, IntegerTable<'m>>> {
        Some(BagWeights {
            front: self.front.integers()?,
            projection: self.projection.integers()?,
        })
    }
}

fn find_vocabulary<'m>(
    image: &Image<'m>,
    front: &WordsConfig,
) -> Result<Vocabulary<'m>, ImageError> {
    let starts = image.tensor(TensorName::VocabularyStarts, 0)?;
    let remainders = find_u16(image, TensorName::VocabularyRemainders, front.words)?;
    if starts.entry.format != TensorFormat::U16 {
        return Err(ImageError::TensorShape(TensorName::VocabularyStarts));
    }
    Vocabulary::new(u32::from(front.bucket_bits), starts.bytes, remainders.bytes)
        .map_err(ImageError::Vocabulary)
}

fn find_table<'m>(
    image: &Image<'m>,
    name: TensorName,
    scales: TensorName,
    shape: [u32; 2],
) -> Result<Table<'m>, ImageError> {
    let values = image.tensor(name, 0)?;
    if [values.entry.rows, values.entry.columns] != shape {
        return Err(ImageError::TensorShape(name));
    }
    match values.entry.format {
        TensorFormat::I4 | TensorFormat::I8 => Ok(Table::Integers(IntegerTable {
            values,
            scales: find_u16(image, scales, shape[0])?,
        })),
        TensorFormat::F32 => Ok(Table::Floats(values)),
        _ => Err(ImageError::TensorShape(name)),
    }
}

fn find_u16<'m>(image: &Image<'m>, name: TensorName, rows: u32) -> Result<Tensor<'m>, ImageError> {
    let tensor = image.tensor(name, 0)?;
    let entry = tensor.entry;
    if entry.format != TensorFormat::U16 || [entry.rows, entry.columns] != [rows, 1] {
        return Err(ImageError::TensorShape(name));
    }
    Ok(tensor)
}

impl IntegerTable<'_> {
    /// `sums += row` in units of the scales; `sums` has R numbers.
    #[inline]
    pub fn add_row(&self, row: usize, sums: &mut [i32]) {
        // A damaged scale must not overflow the sums that the limits of the config were made for.
        let scale = i32::from(self.scales.u16_at(row).min(super::tensor::MAX_ROW_SCALE));
        let values = self.values.row(row);
        match self.values.entry.format {
            TensorFormat::I4 => super::kernel::add_scaled_i4(sums, values, scale),
            _ => super::kernel::add_scaled_i8(sums, bytemuck::cast_slice(values), scale),
        }
    }

    /// The inner product of the integers of a row with R activations; its scale is not applied.
    #[inline]
    pub fn dot_row(&self, row: usize, activations: &[i16]) -> i32 {
        let values = self.values.row(row);
        match self.values.entry.format {
            TensorFormat::I4 => super::kernel::dot_i4_i16(values, activations),
            _ => super::kernel::dot_i8_i16(bytemuck::cast_slice(values), activations),
        }
    }
}

impl<'m> Table<'m> {
    /// The table, if it holds integers.
    pub fn integers(&self) -> Option<IntegerTable<'m>> {
        match self {
            Self::Integers(table) => Some(*table),
            Self::Floats(_) => None,
        }
    }

    /// The numbers of a row as floats, `integer x scale` where they are integers.
    pub fn floats(&self, row: usize, columns: usize) -> impl Iterator<Item = f32> + use<'_, 'm> {
        (0..columns).map(move |column| match self {
            Self::Floats(values) => {
                let mut bytes = [0; 4];
                bytes.copy_from_slice(&values.row(row)[4 * column..4 * column + 4]);
                f32::from_le_bytes(bytes)
            }
            Self::Integers(table) => {
                let bytes = table.values.row(row);
                let value = match table.values.entry.format {
                    TensorFormat::I4 => super::tensor::nibble(bytes, column),
                    _ => bytes[column] as i8,
                };
                f32::from(value) * f32::from(table.scales.u16_at(row))
            }
        })
    }
}

//! Affine maps in integers: a matrix, what is added to its sums, and what they are multiplied by.

use super::image::{Image, ImageError};
use super::kernel::{MAX_COLUMNS, Matrix, widen_one, widen_two};
use super::ops::{MULTIPLIER_BITS, requantise};
use super::tensor::{MatrixName, TensorFormat, TensorName};
use super::weights::{find_numbers, find_optional_numbers};

/// `y = requantise(W x + b, m)`, `[I]` to `[O]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linear<'m> {
    /// `[O, I]`
    matrix: Matrix<'m>,
    /// `[O]`, little-endian.
    multipliers: &'m [u32],
    /// `[O]`, little-endian, in steps of the sums.
    biases: Option<&'m [i32]>,
}

impl<'m> Linear<'m> {
    /// Finds and checks the tensors of one map.
    pub(super) fn find(
        image: &Image<'m>,
        (name, layer): (MatrixName, u8),
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, ImageError> {
        let weights = TensorName::Weights(name);
        let matrix = Matrix::of(&image.tensor(weights, layer)?)
            .filter(|matrix| [matrix.rows(), matrix.columns()] == [outputs, inputs])
            .ok_or(ImageError::TensorShape(weights))?;
        let multipliers = (TensorName::Multipliers(name), layer);
        let biases = (TensorName::Biases(name), layer);
        Ok(Self {
            matrix,
            multipliers: find_numbers(image, multipliers, TensorFormat::U32, outputs)?,
            biases: find_optional_numbers(image, biases, TensorFormat::I32, outputs)?,
        })
    }

    /// O: outputs.
    pub(super) fn outputs(&self) -> usize {
        self.matrix.rows()
    }

    /// Writes the numbers that row `output` stands for to `row` `[I]`, and returns its bias.
    pub(super) fn float_row(&self, output: usize, row: &mut [f32]) -> f32 {
        let multiplier = u32::from_le(self.multipliers[output]) as f32;
        let step = multiplier / (1 << MULTIPLIER_BITS) as f32;
        let mut integers = [0; MAX_COLUMNS];
        let integers = &mut integers[..self.matrix.columns()];
        self.matrix.copy_row(output, integers);
        for (number, &integer) in row.iter_mut().zip(&*integers) {
            *number = step * f32::from(integer);
        }
        match self.biases {
            Some(biases) => step * i32::from_le(biases[output]) as f32,
            None => 0.0,
        }
    }

    /// Gives the outputs for two vectors of `[I]`, some at a time, in order: the number of the first,
    /// and both of each. `words` has [`kernel::two_words`](super::kernel::two_words).
    #[inline]
    pub(super) fn map_two(
        &self,
        inputs: [&[i8]; 2],
        words: &mut [i32],
        mut turn: impl FnMut(usize, &[[i32; 2]]),
    ) {
        widen_two(self.matrix.format(), inputs, words);
        self.matrix.multiply_two(words, |first, sums| {
            self.requantise(first, sums);
            turn(first, sums);
        });
    }

    /// Gives the outputs for a vector of `[I]`, some at a time, in order; `words` has
    /// [`kernel::one_words`](super::kernel::one_words).
    #[inline]
    pub(super) fn map_one(
        &self,
        input: &[i16],
        words: &mut [i32],
        mut turn: impl FnMut(usize, &[i32]),
    ) {
        widen_one(self.matrix.format(), input, words);
        self.matrix.multiply_one(words, |first, sums| {
            self.requantise(first, sums.as_chunks_mut::<1>().0);
            turn(first, sums);
        });
    }

    /// From the sums of rows `first` and following to their outputs.
    #[inline(never)]
    fn requantise<const VECTORS: usize>(&self, first: usize, sums: &mut [[i32; VECTORS]]) {
        if let Some(biases) = self.biases {
            for (sums, &bias) in sums.iter_mut().zip(&biases[first..]) {
                *sums = sums.map(|sum| sum.wrapping_add(i32::from_le(bias)));
            }
        }
        for (sums, &multiplier) in sums.iter_mut().zip(&self.multipliers[first..]) {
            *sums = sums.map(|sum| requantise(sum, u32::from_le(multiplier)));
        }
    }
}

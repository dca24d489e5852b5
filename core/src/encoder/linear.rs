//! Affine maps in integers: a matrix, what is added to its sums, and what they are multiplied by.

use super::image::{Image, ImageError};
use super::kernel::Matrix;
use super::ops::requantise;
use super::tensor::{MatrixName, Tensor, TensorFormat, TensorName};

/// `y = requantise(W x + b, m)`, `[I]` to `[O]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linear<'m> {
    /// `[O, I]`
    matrix: Matrix<'m>,
    /// `[O]` U32.
    multipliers: Tensor<'m>,
    /// `[O]` I32, in steps of the sums.
    biases: Option<Tensor<'m>>,
}

impl<'m> Linear<'m> {
    /// Finds and checks the tensors of one map.
    pub(super) fn find(
        image: &Image<'m>,
        name: MatrixName,
        layer: u8,
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, ImageError> {
        let weights = TensorName::Weights(name);
        let matrix = Matrix::of(&image.tensor(weights, layer)?)
            .filter(|matrix| [matrix.rows(), matrix.columns()] == [outputs, inputs])
            .ok_or(ImageError::TensorShape(weights))?;
        let vector = |name, format| {
            let tensor = image.tensor(name, layer)?;
            let shape = [tensor.entry.rows, tensor.entry.columns];
            if tensor.entry.format != format || shape != [outputs as u32, 1] {
                return Err(ImageError::TensorShape(name));
            }
            Ok(tensor)
        };
        let biases = match vector(TensorName::Biases(name), TensorFormat::I32) {
            Ok(biases) => Some(biases),
            Err(error) if image.tensor(TensorName::Biases(name), layer).is_ok() => {
                return Err(error);
            }
            Err(_) => None,
        };
        Ok(Self {
            matrix,
            multipliers: vector(TensorName::Multipliers(name), TensorFormat::U32)?,
            biases,
        })
    }

    /// O: outputs.
    pub(super) fn outputs(&self) -> usize {
        self.matrix.rows()
    }

    /// Gives each output with its numbers for two vectors of `[I]`; `words` has
    /// [`kernel::two_words`](super::kernel::two_words).
    #[inline]
    pub(super) fn map_two(
        &self,
        inputs: [&[i8]; 2],
        words: &mut [i32],
        mut each: impl FnMut(usize, [i32; 2]),
    ) {
        super::kernel::widen_two(self.matrix.format(), inputs, words);
        self.matrix.multiply_two(words, |output, sums| {
            let (bias, multiplier) = self.scale(output);
            each(
                output,
                sums.map(|sum| requantise(sum.wrapping_add(bias), multiplier)),
            );
        });
    }

    /// Gives each output for a vector of `[I]`; `words` has
    /// [`kernel::one_words`](super::kernel::one_words).
    #[inline]
    pub(super) fn map_one(
        &self,
        input: &[i16],
        words: &mut [i32],
        mut each: impl FnMut(usize, i32),
    ) {
        super::kernel::widen_one(self.matrix.format(), input, words);
        self.matrix.multiply_one(words, |output, sum| {
            let (bias, multiplier) = self.scale(output);
            each(output, requantise(sum.wrapping_add(bias), multiplier));
        });
    }

    #[inline]
    fn scale(&self, output: usize) -> (i32, u32) {
        let bias = match &self.biases {
            Some(biases) => biases.i32_at(output),
            None => 0,
        };
        (bias, self.multipliers.u32_at(output))
    }
}

//! Affine maps in floats.

use super::arithmetic::Arithmetic;
use crate::encoder::image::{Image, ImageError};
use crate::encoder::linear::Linear;
use crate::encoder::tensor::{MatrixName, Tensor, TensorFormat, TensorName};
use crate::encoder::weights::find;

/// `y = W x + b`, `[I]` to `[O]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct FloatLinear<'m> {
    outputs: usize,
    inputs: usize,
    numbers: Numbers<'m>,
}

#[derive(Clone, Copy, Debug)]
enum Numbers<'m> {
    Floats {
        /// `[O, I]`
        weights: Tensor<'m>,
        /// `[O]`
        biases: Option<Tensor<'m>>,
    },
    Integers(Linear<'m>),
}

impl<'m> FloatLinear<'m> {
    /// Finds and checks the tensors of one map.
    pub(super) fn find(
        image: &Image<'m>,
        arithmetic: Arithmetic,
        (name, layer): (MatrixName, u8),
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, ImageError> {
        let shape = [outputs, inputs];
        let weights = (TensorName::Weights(name), layer);
        let biases = (TensorName::Biases(name), layer);
        let numbers = match arithmetic {
            Arithmetic::Integers => {
                Numbers::Integers(Linear::find(&mut image.search(), (name, layer), shape)?)
            }
            Arithmetic::Floats => Numbers::Floats {
                weights: find(image, weights, TensorFormat::F32, shape)?,
                biases: match image.tensor(biases.0, layer) {
                    Ok(_) => Some(find(image, biases, TensorFormat::F32, [outputs, 1])?),
                    Err(_) => None,
                },
            },
        };
        Ok(Self {
            outputs,
            inputs,
            numbers,
        })
    }

    /// Gives `(token, output, number)` for all tokens of `inputs` `[L, I]`; `row` has at least I
    /// numbers.
    pub(super) fn map(&self, inputs: &[f32], row: &mut [f32], each: impl FnMut(usize, usize, f32)) {
        self.map_every(self.inputs, inputs, row, each);
    }

    /// As [`FloatLinear::map`] for I numbers from every multiple of `stride` on.
    pub(super) fn map_every(
        &self,
        stride: usize,
        inputs: &[f32],
        row: &mut [f32],
        mut each: impl FnMut(usize, usize, f32),
    ) {
        let row = &mut row[..self.inputs];
        for output in 0..self.outputs {
            let bias = self.read(output, row);
            let inputs = inputs.windows(self.inputs).step_by(stride);
            for (token, input) in inputs.enumerate() {
                each(token, output, dot(row, input) + bias);
            }
        }
    }

    /// Writes a row of the matrix and returns its bias.
    fn read(&self, output: usize, row: &mut [f32]) -> f32 {
        match &self.numbers {
            Numbers::Floats { weights, biases } => {
                for (column, number) in row.iter_mut().enumerate() {
                    *number = weights.f32_at(output * self.inputs + column);
                }
                biases.map_or(0.0, |biases| biases.f32_at(output))
            }
            Numbers::Integers(linear) => linear.float_row(output, row),
        }
    }
}

/// The inner product, in eight sums that vectors of a processor can hold.
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (left, right) in left.iter().zip(right) {
        for (sum, (a, b)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += a * b;
        }
    }
    let rest = left_rest.iter().zip(right_rest).map(|(a, b)| a * b);
    sums.into_iter().sum::<f32>() + rest.sum::<f32>()
}

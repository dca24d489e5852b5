//! Affine maps in floats, over matrices of floats or of integers.

use super::image::{Image, ImageError};
use super::kernel::{MAX_COLUMNS, Matrix};
use super::ops::MULTIPLIER_BITS;
use super::tensor::{MatrixName, Tensor, TensorFormat, TensorName};

/// `y = (W x + b) m`, `[I]` to `[O]`; m is 1 over floats.
#[derive(Clone, Copy, Debug)]
pub(super) struct FloatLinear<'m> {
    weights: Weights<'m>,
    /// `[O]` F32 or I32.
    biases: Option<Tensor<'m>>,
    outputs: usize,
    inputs: usize,
}

#[derive(Clone, Copy, Debug)]
enum Weights<'m> {
    /// `[O, I]` row by row.
    Floats(Tensor<'m>),
    Integers {
        matrix: Matrix<'m>,
        /// `[O]` U32.
        multipliers: Tensor<'m>,
    },
}

impl<'m> FloatLinear<'m> {
    /// Finds and checks the tensors of one map.
    pub(super) fn find(
        image: &Image<'m>,
        name: MatrixName,
        layer: u8,
        [outputs, inputs]: [usize; 2],
    ) -> Result<Self, ImageError> {
        let tensor = image.tensor(TensorName::Weights(name), layer)?;
        if [tensor.entry.rows, tensor.entry.columns] != [outputs as u32, inputs as u32] {
            return Err(ImageError::TensorShape(TensorName::Weights(name)));
        }
        let vector = |name, format| match image.tensor(name, layer) {
            Ok(tensor) => {
                let shape = [tensor.entry.rows, tensor.entry.columns];
                match tensor.entry.format == format && shape == [outputs as u32, 1] {
                    true => Ok(Some(tensor)),
                    false => Err(ImageError::TensorShape(name)),
                }
            }
            Err(ImageError::TensorShape(_)) => Ok(None),
            Err(error) => Err(error),
        };
        let (weights, biases) = match (tensor.entry.format, Matrix::of(&tensor)) {
            (TensorFormat::F32, _) => (Weights::Floats(tensor), TensorFormat::F32),
            (_, Some(matrix)) => {
                let name = TensorName::Multipliers(name);
                let Some(multipliers) = vector(name, TensorFormat::U32)? else {
                    return Err(ImageError::TensorShape(name));
                };
                let weights = Weights::Integers {
                    matrix,
                    multipliers,
                };
                (weights, TensorFormat::I32)
            }
            _ => return Err(ImageError::TensorShape(TensorName::Weights(name))),
        };
        Ok(Self {
            weights,
            biases: vector(TensorName::Biases(name), biases)?,
            outputs,
            inputs,
        })
    }

    /// Gives each output for a vector `[I]`.
    pub(super) fn map(&self, input: &[f32], mut each: impl FnMut(usize, f32)) {
        for output in 0..self.outputs {
            each(output, self.output(input, output));
        }
    }

    fn output(&self, input: &[f32], output: usize) -> f32 {
        match &self.weights {
            Weights::Floats(weights) => {
                let weights = weights.row(output).chunks_exact(4);
                let weights = weights
                    .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
                let bias = self.biases.map_or(0.0, |biases| biases.f32_at(output));
                sum_of_products(input, weights) + bias
            }
            Weights::Integers {
                matrix,
                multipliers,
            } => {
                let mut weights = [0; MAX_COLUMNS];
                let weights = &mut weights[..self.inputs];
                matrix.copy_row(output, weights);
                let bias = self
                    .biases
                    .map_or(0.0, |biases| biases.i32_at(output) as f32);
                let scale = (1u32 << MULTIPLIER_BITS) as f32;
                let multiplier = multipliers.u32_at(output) as f32 / scale;
                let sum = sum_of_products(input, weights.iter().map(|&weight| f32::from(weight)));
                (sum + bias) * multiplier
            }
        }
    }
}

fn sum_of_products(input: &[f32], weights: impl Iterator<Item = f32>) -> f32 {
    input
        .iter()
        .zip(weights)
        .map(|(x, weight)| x * weight)
        .sum()
}

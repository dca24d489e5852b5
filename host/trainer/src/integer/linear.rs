//! Affine maps in integers.

use crate::network::{Linear, Matrix, multiply};
use crate::quantise::{Levels, fitted_scale};
use memt_core::encoder::ops::{MAX_MULTIPLIER, MULTIPLIER_BITS, requantise};

/// `y = requantise(W x + b)`, all of them integers.
#[derive(Clone, Debug)]
pub(crate) struct IntegerLinear {
    /// `[O, I]`: integers, held in floats. Their products with activations of 8 bits add up exactly
    /// over at most 1,040 columns: `127 x 127 x 1040 < 2^24`.
    pub(crate) weight: Matrix,
    /// `[O]`: what a step of an accumulator is worth in steps of the output, times 2^24.
    pub(crate) multipliers: Vec<u32>,
    /// `[O]`: in steps of the accumulators.
    pub(crate) biases: Vec<i32>,
}

/// The grid of a map: weights, unit of its input, unit of each output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid<'u> {
    pub(crate) levels: Levels,
    pub(crate) input: f32,
    /// One for all outputs, or one each.
    pub(crate) outputs: &'u [f32],
}

impl IntegerLinear {
    /// Rounds `trained`, and writes the numbers that the integers stand for to `shown`.
    pub(crate) fn of(trained: &Linear, grid: Grid<'_>, shown: &mut Linear) -> Self {
        let (outputs, inputs) = (trained.weight.rows(), trained.weight.columns());
        let mut made = Self {
            weight: Matrix::zeros(outputs, inputs),
            multipliers: Vec::with_capacity(outputs),
            biases: Vec::with_capacity(outputs),
        };
        for output in 0..outputs {
            let row = trained.weight.row(output);
            let scale = fitted_scale(row, grid.levels);
            let integers = made.weight.row_mut(output);
            let pairs = row.iter().zip(integers).zip(shown.weight.row_mut(output));
            for ((number, integer), shown) in pairs {
                *integer = grid.levels.round(number / scale);
                *shown = *integer * scale;
            }
            let step = f64::from(grid.input) * f64::from(scale);
            let unit = f64::from(grid.outputs[output % grid.outputs.len()]);
            made.multipliers.push(multiplier(step / unit));
            let bias = (f64::from(trained.bias[output]) / step).round();
            let bias = bias.clamp(-LARGEST_BIAS, LARGEST_BIAS);
            made.biases.push(bias as i32);
            shown.bias[output] = (bias * step) as f32;
        }
        made
    }

    /// `[T, O]`: W x for every token of `input` `[T, I]`, exact integers times the unit of `input`,
    /// which must be a power of two.
    pub(crate) fn accumulate(&self, input: &Matrix, accumulators: &mut Matrix) {
        multiply(input.view(), self.weight.view().t(), accumulators);
    }

    /// The outputs of a token from its accumulators.
    #[inline]
    pub(crate) fn outputs(
        &self,
        accumulators: impl Iterator<Item = i32>,
    ) -> impl Iterator<Item = i32> {
        let scales = self.biases.iter().zip(&self.multipliers);
        let pairs = accumulators.zip(scales);
        pairs.map(|(sum, (bias, &multiplier))| requantise(sum + bias, multiplier))
    }
}

/// Leaves room for the products in 32 bits.
const LARGEST_BIAS: f64 = 1_073_741_824.0;

/// What a step is worth in other steps, times 2^24.
pub(super) fn multiplier(ratio: f64) -> u32 {
    let exact = ratio * f64::from(1u32 << MULTIPLIER_BITS);
    (exact.round() as u32).min(MAX_MULTIPLIER)
}

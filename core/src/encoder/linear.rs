//! Affine maps in integers: a matrix, what is added to its sums, and what they are multiplied by.

use super::image::{ImageError, Search};
use super::kernel::{
    MAX_COLUMNS, Matrix, ROWS_A_TURN, saturate8, saturate16, widen_one, widen_two,
    with_wide_vectors,
};
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
        image: &mut Search<'_, 'm>,
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

    /// Writes the outputs for two vectors `[I]`, saturated, to `places`, `[2, O]`; `[1, O]` for those of
    /// the first only. `words` has [`kernel::two_words`](super::kernel::two_words).
    pub(super) fn put_bytes(&self, inputs: [&[i8]; 2], words: &mut [i32], places: &mut [i8]) {
        let mut unwanted = [0; ROWS_A_TURN];
        let (firsts, seconds) = places.split_at_mut(self.outputs());
        self.multiply_two(inputs, words, |row, sums| {
            let seconds = match seconds.is_empty() {
                true => &mut unwanted[..],
                false => &mut seconds[row..],
            };
            let places = firsts[row..].iter_mut().zip(seconds);
            with_wide_vectors(|| {
                for (output, (first, second)) in self.requantised(row, sums).zip(places) {
                    *first = saturate8(output[0]);
                    *second = saturate8(output[1]);
                }
            });
        });
    }

    /// The residual: `places = clamp(places + requantise(W x + b, m), -32767, 32767)` for two vectors `[I]`,
    /// `places` `[2, O]`; `[1, O]` for the first only. `words` as for [`Linear::put_bytes`].
    ///
    /// Both are in steps of the stream and the sum of integers is exact, so the only error is that of
    /// [`requantise`]: at most half a step, until the stream saturates.
    pub(super) fn add_to(&self, inputs: [&[i8]; 2], words: &mut [i32], places: &mut [i16]) {
        let mut unwanted = [0; ROWS_A_TURN];
        let (firsts, seconds) = places.split_at_mut(self.outputs());
        self.multiply_two(inputs, words, |row, sums| {
            let seconds = match seconds.is_empty() {
                true => &mut unwanted[..],
                false => &mut seconds[row..],
            };
            let places = firsts[row..].iter_mut().zip(seconds);
            with_wide_vectors(|| {
                for (output, (first, second)) in self.requantised(row, sums).zip(places) {
                    *first = saturate16(i32::from(*first).wrapping_add(output[0]));
                    *second = saturate16(i32::from(*second).wrapping_add(output[1]));
                }
            });
        });
    }

    /// Gives the sums for two vectors `[I]`, some at a time, in order: the number of the first, and both
    /// of each. `words` as for [`Linear::put_bytes`].
    #[inline]
    pub(super) fn multiply_two(
        &self,
        inputs: [&[i8]; 2],
        words: &mut [i32],
        turn: impl FnMut(usize, &[[i32; 2]]),
    ) {
        widen_two(self.matrix.format(), inputs, words);
        self.matrix.multiply_two(words, turn);
    }

    /// Adds the outputs for a vector of `[I]` to `places` `[O]`; `words` has
    /// [`kernel::one_words`](super::kernel::one_words).
    pub(super) fn add_one_to(&self, input: &[i16], words: &mut [i32], places: &mut [i32]) {
        widen_one(self.matrix.format(), input, words);
        self.matrix.multiply_one(words, |row, sums| {
            let outputs = self.requantised(row, sums.as_chunks().0);
            for (place, [output]) in places[row..].iter_mut().zip(outputs) {
                *place = place.wrapping_add(output);
            }
        });
    }

    /// From the sums of rows `first` and following to their outputs.
    #[inline(always)]
    pub(super) fn requantised<'s, const VECTORS: usize>(
        &'s self,
        first: usize,
        sums: &'s [[i32; VECTORS]],
    ) -> impl Iterator<Item = [i32; VECTORS]> {
        let biases = match self.biases {
            Some(biases) => &biases[first..],
            None => &NO_BIASES,
        };
        let scales = self.multipliers[first..].iter().zip(biases);
        sums.iter().zip(scales).map(|(sums, (&multiplier, &bias))| {
            let (multiplier, bias) = (u32::from_le(multiplier), i32::from_le(bias));
            sums.map(|sum| requantise(sum.wrapping_add(bias), multiplier))
        })
    }
}

/// For maps without any.
static NO_BIASES: [i32; ROWS_A_TURN] = [0; ROWS_A_TURN];

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::encoder::kernel::{MatrixFormat, pack, two_words};
    use std::vec;
    use std::vec::Vec;

    /// Around zero and both ends of the stream.
    pub(in crate::encoder) const STARTS: [i16; 7] = [-32767, -32766, -1, 0, 1, 32766, 32767];

    /// Outputs of a map: small ones, and ones beyond what the stream holds.
    const OUTPUTS: [i32; 12] = [
        0,
        1,
        -1,
        2,
        -2,
        32767,
        -32767,
        65534,
        -65534,
        65535,
        -65535,
        1 << 20,
    ];

    /// Every output with every start: starts repeat, then outputs move on.
    pub(in crate::encoder) fn outputs(count: usize) -> Vec<i32> {
        let at = |place: usize| OUTPUTS[place / STARTS.len() % OUTPUTS.len()];
        (0..count).map(at).collect()
    }

    /// A map of zeros whose outputs are its biases, whatever it reads.
    pub(in crate::encoder) struct Constant {
        columns: usize,
        words: Vec<u32>,
        multipliers: Vec<u32>,
        biases: Vec<i32>,
    }

    impl Constant {
        pub(in crate::encoder) fn new(columns: usize, outputs: &[i32]) -> Self {
            let rows = outputs.len();
            let mut words = vec![0; MatrixFormat::I8.bytes(rows, columns) / 4];
            let bytes = bytemuck::cast_slice_mut(&mut words);
            pack(MatrixFormat::I8, columns, &vec![0; rows * columns], bytes);
            Self {
                columns,
                words,
                multipliers: vec![(1u32 << MULTIPLIER_BITS).to_le(); rows],
                biases: outputs.iter().map(|output| output.to_le()).collect(),
            }
        }

        pub(in crate::encoder) fn map(&self) -> Linear<'_> {
            let shape = [self.biases.len(), self.columns];
            let bytes = bytemuck::cast_slice(&self.words);
            Linear {
                matrix: Matrix::new(MatrixFormat::I8, shape, bytes).unwrap(),
                multipliers: &self.multipliers,
                biases: Some(&self.biases),
            }
        }
    }

    #[test]
    fn what_is_added_to_a_stream_stays_within_it() {
        // Two whole turns of rows and a part of one.
        let outputs = outputs(84);
        let constant = Constant::new(32, &outputs);
        let input = [3; 32];
        let mut words = vec![0; two_words(32)];
        let starts = STARTS.iter().cycle();
        for tokens in [2, 1] {
            let before: Vec<i16> = starts.clone().copied().take(84 * tokens).collect();
            let mut stream = before.clone();
            constant
                .map()
                .add_to([&input, &input], &mut words, &mut stream);
            let sums = before.iter().zip(outputs.iter().cycle());
            for ((start, output), found) in sums.zip(&stream) {
                let sum = i32::from(*start) + output;
                let expected = sum.clamp(-32767, 32767);
                assert_eq!(i32::from(*found), expected, "{start} + {output}");
            }
        }
    }
}

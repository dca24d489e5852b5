//! Matrices of meaningless weights in static memory.

use crate::random::Random;
use memt_core::encoder::Aligned;
use memt_core::encoder::kernel::{Matrix, MatrixFormat, pack};

/// Most weights of a matrix.
pub const WEIGHTS_MAX: usize = 128 * 256;

/// Memory for one matrix.
#[derive(Debug)]
pub struct MatrixMemory {
    values: [i8; WEIGHTS_MAX],
    bytes: Aligned<[u8; WEIGHTS_MAX]>,
}

impl MatrixMemory {
    /// All zero, for `.bss`.
    pub const fn new() -> Self {
        Self {
            values: [0; WEIGHTS_MAX],
            bytes: Aligned([0; WEIGHTS_MAX]),
        }
    }

    /// Fills the memory with a random matrix and lends it. `None` if the sizes are not those of a
    /// matrix with at most [`WEIGHTS_MAX`] weights.
    pub fn fill(
        &mut self,
        format: MatrixFormat,
        [rows, columns]: [usize; 2],
        random: &mut Random,
    ) -> Option<Matrix<'_>> {
        let limit = match format {
            MatrixFormat::I4 => 7,
            MatrixFormat::I8 => 127,
        };
        let values = self.values.get_mut(..rows * columns)?;
        values.fill_with(|| random.within(limit) as i8);
        let bytes = self.bytes.0.get_mut(..format.bytes(rows, columns))?;
        pack(format, columns, values, bytes);
        Matrix::new(format, [rows, columns], bytes)
    }
}

impl Default for MatrixMemory {
    fn default() -> Self {
        Self::new()
    }
}

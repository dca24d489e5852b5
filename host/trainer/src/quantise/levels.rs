//! The integers that a few bits hold.

use memt_core::encoder::kernel::MatrixFormat;
use memt_core::encoder::tensor::TensorFormat;
use serde::{Deserialize, Serialize};

/// The integers that a number can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Levels {
    /// -3, -1, 1, 3.
    Bits2,
    /// -7 to 7.
    Bits4,
    /// -127 to 127.
    Bits8,
}

impl Levels {
    /// Those of 2, 4 or else 8 bits.
    pub(crate) fn of_bits(bits: u8) -> Self {
        match bits {
            2 => Self::Bits2,
            4 => Self::Bits4,
            _ => Self::Bits8,
        }
    }

    /// The largest integer.
    pub(crate) fn largest(self) -> f32 {
        match self {
            Self::Bits2 => 3.0,
            Self::Bits4 => 7.0,
            Self::Bits8 => 127.0,
        }
    }

    /// The nearest of the integers; half way, the even one, or of -3, -1, 1, 3 the one of even
    /// `(integer + 1) / 2`.
    #[inline]
    pub(crate) fn round(self, number: f32) -> f32 {
        match self {
            Self::Bits2 => 2.0 * nearest((0.5 * number + 0.5).clamp(-1.0, 2.0)) - 1.0,
            Self::Bits4 | Self::Bits8 => nearest(number.clamp(-self.largest(), self.largest())),
        }
    }

    /// How an image stores rows of them.
    pub(crate) fn tensor_format(self) -> TensorFormat {
        match self {
            Self::Bits2 => TensorFormat::I2,
            Self::Bits4 => TensorFormat::I4,
            Self::Bits8 => TensorFormat::I8,
        }
    }

    /// How an image stores a matrix of a body of them; there is none for two bits.
    pub(crate) fn matrix_format(self) -> MatrixFormat {
        match self {
            Self::Bits2 | Self::Bits4 => MatrixFormat::I4,
            Self::Bits8 => MatrixFormat::I8,
        }
    }
}

/// To the nearest integer, half to even, by the rounding of a large addition.
#[inline]
fn nearest(number: f32) -> f32 {
    const ROUNDING: f32 = 12_582_912.0;
    (number + ROUNDING) - ROUNDING
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_goes_to_the_nearest() {
        for levels in [Levels::Bits2, Levels::Bits4, Levels::Bits8] {
            let largest = levels.largest() as i32;
            let step = if levels == Levels::Bits2 { 2 } else { 1 };
            let all: Vec<f32> = (-largest..=largest)
                .step_by(step)
                .map(|integer| integer as f32)
                .collect();
            for hundredth in -14_000..=14_000 {
                let number = hundredth as f32 / 100.0;
                let found = levels.round(number);
                assert!(all.contains(&found), "{levels:?}: {number} becomes {found}");
                let distance = |integer: f32| (integer - number).abs();
                assert!(all.iter().all(|&other| distance(found) <= distance(other)));
            }
        }
    }
}

//! The mean over tokens.

use crate::embedding::shift_right_rounding;

/// Bits after the binary point of `1 / count`.
const RECIPROCAL_BITS: u32 = 24;

/// `round(sum x round(2^24 / count) / 2^24)`, halves up: the mean of `count` numbers of 16 bits,
/// within 0.51 steps up to 1,024 of them (0.5 by rounding, 2^15 x count / 2^25 / count by the
/// reciprocal). The same rounding makes the mean of n-gram rows.
#[inline]
pub fn mean(sum: i32, count: u32) -> i32 {
    let count = count.max(1);
    let reciprocal = ((1 << RECIPROCAL_BITS) + count / 2) / count;
    shift_right_rounding(i64::from(sum) * i64::from(reciprocal), RECIPROCAL_BITS) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_rounded_to_the_nearest() {
        for count in 1..=1024u32 {
            for value in [-32767, -32766, -1000, -1, 0, 1, 12_345, 32767] {
                for rest in [0, 1, count as i32 / 2, count as i32 - 1] {
                    let sum = value * count as i32 + rest;
                    let exact = f64::from(sum) / f64::from(count);
                    let bound = 0.5 + f64::from(count) / 65_536.0 * exact.abs() / 512.0 + 1e-9;
                    assert!((f64::from(mean(sum, count)) - exact).abs() <= bound);
                }
            }
        }
    }
}

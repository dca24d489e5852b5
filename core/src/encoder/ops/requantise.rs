//! From the sums of a matrix to the numbers that the next operation reads.

/// Bits after the binary point of a multiplier.
pub const MULTIPLIER_BITS: u32 = 24;

/// Largest multiplier.
pub const MAX_MULTIPLIER: u32 = i32::MAX as u32;

/// `sum x multiplier / 2^24`, to the nearest integer, halves up.
///
/// Exact while the result fits `i32`; beyond, which only a damaged image reaches, its low 32 bits.
#[inline]
pub const fn requantise(sum: i32, multiplier: u32) -> i32 {
    let product = sum as i64 * (multiplier & MAX_MULTIPLIER) as i64;
    ((product + (1 << (MULTIPLIER_BITS - 1))) >> MULTIPLIER_BITS) as i32
}

/// `left x right / 2^(32 + shift)`, to the nearest integer, halves up; `shift` is 1 to 31. Reads
/// the high half of the product only: exact, since rounding asks for one bit below the result.
#[inline]
pub(super) const fn round_high_half(left: i32, right: i32, shift: u32) -> i32 {
    let high = ((left as i64 * right as i64) >> 32) as i32;
    (high + (1 << (shift - 1))) >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_the_nearest() {
        for sum in [-4_161_600, -77_777, -3, -1, 0, 1, 2, 12_345, 4_161_600] {
            for multiplier in [1, 77, 1 << 23, (1 << 23) + 1, 1 << 24, 123_456_789] {
                let exact = f64::from(sum) * f64::from(multiplier) / f64::from(1 << 24);
                let rounded = f64::from(requantise(sum, multiplier));
                assert!((rounded - exact).abs() <= 0.5, "{sum} x {multiplier}");
            }
        }
        assert_eq!(requantise(1, 1 << 23), 1);
        assert_eq!(requantise(-1, 1 << 23), 0);
    }

    #[test]
    fn the_high_half_suffices() {
        for left in [i32::MIN, -1_234_567_891, -5, 0, 7, 999_999_999, i32::MAX] {
            for right in [1, 3, 65_537, 1_073_741_824, i32::MAX] {
                for shift in [1, 12, 19, 31] {
                    let product = i128::from(left) * i128::from(right);
                    let exact = (product + (1i128 << (31 + shift))) >> (32 + shift);
                    assert_eq!(i128::from(round_high_half(left, right, shift)), exact);
                }
            }
        }
    }
}

//! Layer normalisation without gain and offset (Ba, Kiros, Hinton, "Layer Normalization", 2016,
//! section 3): what follows is linear and takes them over.
//!
//! ```text
//! c_i = n x_i - sum(x)              exact, below 2^26
//! W   = n sum(x_i^2) - sum(x)^2     exact, below 2^52; sum(c_i^2) / n
//! s   = sqrt(W)                     the deviation, times n
//! y_i = c_i / s
//! ```
//!
//! W is first shifted left until n W fills 64 bits; the root then has at least 26 significant bits
//! and its reciprocal 25, so the relative error of `y_i` before rounding is below 2^-23.

use super::round_high_half;
use crate::encoder::kernel::with_wide_vectors;
use crate::encoder::ops::{saturate8, saturate16};

/// Steps of [`norm12`] in one standard deviation.
pub const NORM12_UNIT: i32 = 4096;

/// Longest vector: c, V and the reciprocal fit their bits.
const LONGEST: usize = 512;

/// `round(2^bits (x_i - mean) / deviation)`, saturated at 127, which with four bits is almost eight
/// deviations; zeros if all numbers are equal. Within 0.5 + 2^(bits - 20) steps of the exact
/// quotient. At most 512 numbers; `bits` is at most [`MAX_NORM_BITS`].
///
/// [`MAX_NORM_BITS`]: crate::encoder::config::MAX_NORM_BITS
pub fn norm8(bits: u32, input: &[i16], output: &mut [i8]) {
    with_wide_vectors(|| {
        let norm = Norm::of(input);
        for (output, &input) in output.iter_mut().zip(input) {
            *output = saturate8(norm.apply(bits, input));
        }
    });
}

/// `round(4096 (x_i - mean) / deviation)`, saturated at 32767, almost eight deviations; zeros if
/// all numbers are equal. Within 0.51 steps of the exact quotient. At most 512 numbers.
pub fn norm12(input: &[i16], output: &mut [i16]) {
    let norm = Norm::of(input);
    for (output, &input) in output.iter_mut().zip(input) {
        *output = saturate16(norm.apply(NORM12_UNIT.ilog2(), input));
    }
}

/// Bits after the binary point of a gain.
pub const GAIN_BITS: u32 = 12;

/// Bits after the binary point of the stream of [`affine_norm`].
pub const STREAM_BITS: u32 = 8;

/// Replaces every number by `gain_i (x_i - mean) / deviation + offset_i` in steps of 1/256: the
/// product of [`norm12`] and a gain in 1/4096, rounded to the nearest, halves up, plus an offset in
/// steps of the result; saturated at 32767. Within 0.5 steps and gain / 31 steps of the exact one
/// as far as [`norm12`] does not saturate. At most 512 numbers.
pub fn affine_norm(values: &mut [i16], gains_and_offsets: impl Iterator<Item = (i16, i16)>) {
    const SHIFT: u32 = NORM12_UNIT.ilog2() + GAIN_BITS - STREAM_BITS;
    let norm = Norm::of(values);
    for (value, (gain, offset)) in values.iter_mut().zip(gains_and_offsets) {
        let normalised = saturate16(norm.apply(NORM12_UNIT.ilog2(), *value));
        let product = i32::from(normalised) * i32::from(gain);
        let rounded = (product + (1 << (SHIFT - 1))) >> SHIFT;
        *value = saturate16(rounded + i32::from(offset));
    }
}

/// What all numbers of a vector share: `c 2^shift = factor x - offset`, modulo 2^32 the same in every
/// step.
#[derive(Clone, Copy)]
struct Norm {
    /// `n 2^shift`
    factor: i32,
    /// `sum(x) 2^shift`
    offset: i32,
    /// `2^57 / (s 2^(shift + 1))`
    reciprocal: i32,
}

/// `y = (c 2^shift) x reciprocal / 2^56`; the shift gives c its 31 bits.
const PRODUCT_BITS: u32 = 56;

impl Norm {
    #[cfg_attr(memt_vectors, inline(always))]
    fn of(input: &[i16]) -> Self {
        debug_assert!(input.len() <= LONGEST, "norm of {} numbers", input.len());
        let count = input.len() as i32;
        let (mut sum, mut squares) = (0, 0);
        for &value in input {
            sum += i32::from(value);
            squares += i64::from(i32::from(value) * i32::from(value));
        }
        let spread = (i64::from(count) * squares - i64::from(sum) * i64::from(sum)) as u64;
        if spread == 0 {
            return Self {
                factor: 0,
                offset: 0,
                reciprocal: 0,
            };
        }
        // An even shift, so that the root is shifted by half of it; n W < 2^61 leaves at least two.
        let shift = (spread * count as u64).leading_zeros() & !1;
        let root = (spread << shift).isqrt();
        let shift = shift / 2 - 1;
        Self {
            factor: count.wrapping_shl(shift),
            offset: sum.wrapping_shl(shift),
            reciprocal: ((1u64 << (PRODUCT_BITS + 1)) / root) as i32,
        }
    }

    #[inline]
    fn apply(self, fraction_bits: u32, value: i16) -> i32 {
        let filled = i32::from(value)
            .wrapping_mul(self.factor)
            .wrapping_sub(self.offset);
        round_high_half(filled, self.reciprocal, PRODUCT_BITS - 32 - fraction_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::config::MAX_NORM_BITS;
    use std::vec;
    use std::vec::Vec;

    fn exact(input: &[i16]) -> Vec<f64> {
        let count = input.len() as f64;
        let mean = input.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
        let centred: Vec<f64> = input.iter().map(|&x| f64::from(x) - mean).collect();
        let variance = centred.iter().map(|x| x * x).sum::<f64>() / count;
        let deviation = libm::sqrt(variance);
        let quotient = |x: &f64| if deviation > 0.0 { x / deviation } else { 0.0 };
        centred.iter().map(quotient).collect()
    }

    fn check(input: &[i16]) {
        let (mut eight, mut twelve) = (vec![0; input.len()], vec![0; input.len()]);
        norm12(input, &mut twelve);
        for bits in 0..=MAX_NORM_BITS.into() {
            norm8(bits, input, &mut eight);
            for (&norm, exact) in eight.iter().zip(exact(input)) {
                let expected = (f64::from(1 << bits) * exact).clamp(-127.0, 127.0);
                let bound = 0.5 + f64::from(1 << bits) / f64::from(1 << 20);
                assert!((f64::from(norm) - expected).abs() <= bound);
            }
        }
        for (index, exact) in exact(input).into_iter().enumerate() {
            let expected = (4096.0 * exact).clamp(-32767.0, 32767.0);
            let distance = (f64::from(twelve[index]) - expected).abs();
            assert!(distance <= 0.51, "{distance} from {expected}");
        }
    }

    #[test]
    fn quotients_are_rounded_to_the_nearest() {
        let mut state = 1u64;
        for length in [1, 2, 3, 32, 64, 100, 128, 255, 256, 512] {
            for bits in 1..=16 {
                let input: Vec<i16> = (0..length)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        (state >> 48) as u16 as i16 >> (16 - bits)
                    })
                    .collect();
                check(&input);
            }
        }
    }

    /// The bound: half a step of norm12 times the gain, in 1/256, and half a step of rounding.
    #[test]
    fn gains_and_offsets_apply() {
        let input: Vec<i16> = (0..128)
            .map(|i| (i * i * 97 % 4001 - 2000) as i16)
            .collect();
        for gain in [0, 1, 4096, -4096, 9999, i16::MAX, i16::MIN] {
            for offset in [0, 77, -20_000] {
                let mut values = input.clone();
                affine_norm(&mut values, core::iter::repeat((gain, offset)));
                let gain = f64::from(gain) / 4096.0;
                for (value, exact) in values.into_iter().zip(exact(&input)) {
                    let expected = 256.0 * gain * exact + f64::from(offset);
                    let error = (f64::from(value) - expected).abs();
                    assert!(error <= 0.5 + gain.abs() / 31.0, "{value} for {expected}");
                }
            }
        }
    }

    #[test]
    fn extremes() {
        check(&[i16::MAX; 128]);
        check(&[0; 7]);
        let mut alone = [0; 512];
        alone[3] = 1;
        check(&alone);
        alone = [i16::MIN; 512];
        alone[9] = i16::MAX;
        check(&alone);
        let halves: Vec<i16> = (0..512)
            .map(|i| if i % 2 == 0 { i16::MIN } else { i16::MAX })
            .collect();
        check(&halves);
    }
}

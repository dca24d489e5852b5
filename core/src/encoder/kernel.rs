//! The inner loops, in portable safe Rust: the oracle for every faster version.

use super::tensor::unpack;

/// `sums += scale x row` for a row of nibbles; both have R numbers.
#[inline]
pub fn add_scaled_i4(sums: &mut [i32], row: &[u8], scale: i32) {
    let (pairs, last) = sums.as_chunks_mut::<2>();
    for (pair, &byte) in pairs.iter_mut().zip(row) {
        let [even, odd] = unpack(byte);
        pair[0] += scale * i32::from(even);
        pair[1] += scale * i32::from(odd);
    }
    if let ([sum], Some(&byte)) = (last, row.last()) {
        *sum += scale * i32::from(unpack(byte)[0]);
    }
}

/// `sums += scale x row` for a row of bytes; both have R numbers.
#[inline]
pub fn add_scaled_i8(sums: &mut [i32], row: &[i8], scale: i32) {
    for (sum, &value) in sums.iter_mut().zip(row) {
        *sum += scale * i32::from(value);
    }
}

/// The inner product of a row of weights and activations; at most
/// [`MAX_ROW_WIDTH`](super::config::MAX_ROW_WIDTH) numbers each, so that it fits.
#[inline]
pub fn dot_i8_i16(weights: &[i8], activations: &[i16]) -> i32 {
    weights
        .iter()
        .zip(activations)
        .map(|(&weight, &activation)| i32::from(weight) * i32::from(activation))
        .sum()
}

/// As [`dot_i8_i16`] for a row of nibbles.
#[inline]
pub fn dot_i4_i16(weights: &[u8], activations: &[i16]) -> i32 {
    activations
        .chunks(2)
        .zip(weights)
        .map(|(pair, &byte)| {
            let values = unpack(byte);
            pair.iter()
                .zip(values)
                .map(|(&activation, value)| i32::from(activation) * i32::from(value))
                .sum::<i32>()
        })
        .sum()
}

/// Scales by the power of two that gives the largest magnitude 15 bits, rounding half up;
/// all zeros stay zeros. A magnitude that would round to 2^15 becomes 2^15 - 1.
pub fn normalise(sums: &[i32], out: &mut [i16]) {
    let largest = sums.iter().map(|sum| sum.unsigned_abs()).max().unwrap_or(0);
    let bits = u32::BITS - largest.leading_zeros();
    const TARGET_BITS: u32 = 15;
    for (value, &sum) in out.iter_mut().zip(sums) {
        *value = if bits > TARGET_BITS {
            let shift = bits - TARGET_BITS;
            let rounded = (i64::from(sum) + (1 << (shift - 1))) >> shift;
            rounded.clamp(-i64::from(i16::MAX), i64::from(i16::MAX)) as i16
        } else {
            (sum << (TARGET_BITS - bits)) as i16
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::tensor::pack;
    use super::*;

    #[test]
    fn nibbles_add_as_bytes_do() {
        for width in 1..9usize {
            let row: [i8; 8] = [-7, 7, 0, 1, -1, 3, -4, 6];
            let mut packed = [0u8; 4];
            for (byte, pair) in packed.iter_mut().zip(row.chunks(2)) {
                *byte = pack(pair[0], pair[1]);
            }
            let (mut from_bytes, mut from_nibbles) = ([10; 8], [10; 8]);
            add_scaled_i8(&mut from_bytes[..width], &row[..width], 4095);
            add_scaled_i4(
                &mut from_nibbles[..width],
                &packed[..width.div_ceil(2)],
                4095,
            );
            assert_eq!(from_bytes, from_nibbles);
        }
    }

    #[test]
    fn normalising_keeps_fifteen_bits() {
        let mut out = [0; 4];
        normalise(&[1, -1, 0, 0], &mut out);
        assert_eq!(out, [16384, -16384, 0, 0]);
        normalise(&[i32::MAX, i32::MIN, 1 << 16, 32767], &mut out);
        assert_eq!(out, [16384, -16384, 1, 0]);
        normalise(&[65535, -65535, 2, 1], &mut out);
        assert_eq!(out, [32767, -32767, 1, 1]);
        normalise(&[0; 4], &mut out);
        assert_eq!(out, [0; 4]);
    }

    #[test]
    fn dot_at_the_limit_fits() {
        let (weights, activations) = ([-127; 256], [32767; 256]);
        assert_eq!(dot_i8_i16(&weights, &activations), -127 * 32767 * 256);
    }
}

//! Sums brought to sixteen bits.

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
    use super::*;

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
}

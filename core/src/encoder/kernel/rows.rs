//! Rows of the word table: scaled sums and inner products.

use super::super::tensor::{high_nibble, low_nibble};

/// `sums += scale x row` for a row of nibbles; both have R numbers.
#[inline]
pub fn add_scaled_i4(sums: &mut [i32], row: &[u8], scale: i32) {
    let (low, high) = sums.split_at_mut(row.len());
    for (sum, &byte) in low.iter_mut().zip(row) {
        *sum += scale * i32::from(low_nibble(byte));
    }
    for (sum, &byte) in high.iter_mut().zip(row) {
        *sum += scale * i32::from(high_nibble(byte));
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
/// [`MAX_ROW_WIDTH`](super::super::config::MAX_ROW_WIDTH) numbers each, so that it fits.
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
    let (low, high) = activations.split_at(weights.len());
    let product = |number: i8, activation: i16| i32::from(number) * i32::from(activation);
    let low = weights
        .iter()
        .zip(low)
        .map(|(&byte, &x)| product(low_nibble(byte), x));
    let high = weights
        .iter()
        .zip(high)
        .map(|(&byte, &x)| product(high_nibble(byte), x));
    low.sum::<i32>() + high.sum::<i32>()
}

#[cfg(test)]
mod tests {
    use super::super::super::tensor::pack_row;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn nibbles_compute_as_bytes_do() {
        let row: [i8; 9] = [-7, 7, 0, 1, -1, 3, -4, 6, -8];
        let activations = [32767, -32767, 5, 17, -900, 1, 0, 12, -3];
        for width in 1..=row.len() {
            let row = &row[..width];
            let packed: Vec<u8> = pack_row(row).collect();
            let (mut from_bytes, mut from_nibbles) = ([10; 9], [10; 9]);
            add_scaled_i8(&mut from_bytes[..width], row, 4095);
            add_scaled_i4(&mut from_nibbles[..width], &packed, 4095);
            assert_eq!(from_bytes, from_nibbles);
            let activations = &activations[..width];
            assert_eq!(
                dot_i4_i16(&packed, activations),
                dot_i8_i16(row, activations)
            );
        }
    }

    #[test]
    fn dot_at_the_limit_fits() {
        let (weights, activations) = ([-127; 256], [32767; 256]);
        assert_eq!(dot_i8_i16(&weights, &activations), -127 * 32767 * 256);
    }
}

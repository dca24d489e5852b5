//! Rows of the word table: scaled sums and inner products.

use super::super::packed::number;

/// `sums += scale x row` for a row packed with `BITS` bits a number; both have R numbers.
#[inline]
pub fn add_scaled_packed<const BITS: usize>(sums: &mut [i32], row: &[u8], scale: i32) {
    for (run, sums) in sums.chunks_mut(row.len()).enumerate() {
        for (sum, &byte) in sums.iter_mut().zip(row) {
            *sum += scale * i32::from(number::<BITS>(byte, run));
        }
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

/// As [`dot_i8_i16`] for a row packed with `BITS` bits a number.
#[inline]
pub fn dot_packed_i16<const BITS: usize>(weights: &[u8], activations: &[i16]) -> i32 {
    let runs = activations.chunks(weights.len()).enumerate();
    runs.map(|(run, activations)| {
        let products = weights.iter().zip(activations);
        products
            .map(|(&byte, &x)| i32::from(number::<BITS>(byte, run)) * i32::from(x))
            .sum::<i32>()
    })
    .sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::packed::pack_row;
    use super::super::super::tensor::TensorFormat;
    use super::*;
    use std::vec::Vec;

    const ACTIVATIONS: [i16; 9] = [32767, -32767, 5, 17, -900, 1, 0, 12, -3];

    fn computes_as_bytes_do<const BITS: usize>(format: TensorFormat, row: [i8; 9]) {
        for width in 1..=row.len() {
            let row = &row[..width];
            let packed: Vec<u8> = pack_row(format, row).collect();
            let (mut from_bytes, mut from_packed) = ([10; 9], [10; 9]);
            add_scaled_i8(&mut from_bytes[..width], row, 4095);
            add_scaled_packed::<BITS>(&mut from_packed[..width], &packed, 4095);
            assert_eq!(from_bytes, from_packed);
            let activations = &ACTIVATIONS[..width];
            assert_eq!(
                dot_packed_i16::<BITS>(&packed, activations),
                dot_i8_i16(row, activations)
            );
        }
    }

    #[test]
    fn packed_numbers_compute_as_bytes_do() {
        computes_as_bytes_do::<4>(TensorFormat::I4, [-7, 7, 0, 1, -1, 3, -4, 6, -8]);
        computes_as_bytes_do::<2>(TensorFormat::I2, [-3, 3, 1, -1, -1, 3, -3, 1, 3]);
    }

    #[test]
    fn dot_at_the_limit_fits() {
        let (weights, activations) = ([-127; 256], [32767; 256]);
        assert_eq!(dot_i8_i16(&weights, &activations), -127 * 32767 * 256);
    }
}

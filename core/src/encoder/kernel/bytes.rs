//! Products of bytes with bytes and of bytes with weights of attention.

use super::Machine;
use super::loops::Loops;

/// The inner products of each of two vectors with each of two others, all of one length.
#[inline]
pub fn inner_products(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
    Machine::inner_products(left, right)
}

/// For each column of `rows`, which begin `stride` numbers apart, the sums of its numbers times
/// each of two weights a row: `sums_jk = sum_i weights_ki x rows_ij`. Weights have 15 bits; sums
/// must fit `i32`, as they do for 512 rows.
#[inline]
pub fn weighted_sums(weights: [&[i32]; 2], rows: &[i8], stride: usize, sums: &mut [[i32; 2]]) {
    Machine::weighted_sums(weights, rows, stride, sums);
}

/// [`inner_products`] with all sums under way at once.
#[cfg(any(test, not(memt_vectors)))]
pub(super) fn one_by_one(left: [&[i8]; 2], right: [&[i8]; 2]) -> [[i32; 2]; 2] {
    let mut sums = [[0; 2]; 2];
    let lefts = left[0].iter().zip(left[1]);
    let rights = right[0].iter().zip(right[1]);
    for ((&a, &b), (&c, &d)) in lefts.zip(rights) {
        let [a, b, c, d] = [a, b, c, d].map(i32::from);
        sums[0][0] += a * c;
        sums[0][1] += a * d;
        sums[1][0] += b * c;
        sums[1][1] += b * d;
    }
    sums
}

/// [`weighted_sums`] with as many sums at a time as registers hold.
#[cfg(any(test, not(memt_vectors)))]
pub(super) fn weighted_sums_in_registers(
    weights: [&[i32]; 2],
    rows: &[i8],
    stride: usize,
    sums: &mut [[i32; 2]],
) {
    let (fours, rest) = sums.as_chunks_mut::<4>();
    let first_rest = 4 * fours.len();
    for (four, sums) in fours.iter_mut().enumerate() {
        *sums = weighted_sums_of(weights, &rows[4 * four..], stride);
    }
    for (column, sums) in rest.iter_mut().enumerate() {
        [*sums] = weighted_sums_of(weights, &rows[first_rest + column..], stride);
    }
}

#[cfg(any(test, not(memt_vectors)))]
#[inline(always)]
fn weighted_sums_of<const COLUMNS: usize>(
    weights: [&[i32]; 2],
    rows: &[i8],
    stride: usize,
) -> [[i32; 2]; COLUMNS] {
    let mut sums = [[0; 2]; COLUMNS];
    let weights = weights[0].iter().zip(weights[1]);
    for (row, (&first, &second)) in rows.chunks(stride).zip(weights) {
        let Some(row) = row.first_chunk::<COLUMNS>() else {
            break;
        };
        for (sums, &number) in sums.iter_mut().zip(row) {
            sums[0] += first * i32::from(number);
            sums[1] += second * i32::from(number);
        }
    }
    sums
}

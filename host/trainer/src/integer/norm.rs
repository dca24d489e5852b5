//! Norms in integers, with what the way back needs.

use crate::network::{Normalised, WIDE_UNIT};
use memt_core::encoder::ops;

/// Writes the norm of 8 bits, `norm_bits` of them a fraction, of every row, whose steps are worth `unit`.
pub(super) fn narrow_norm(
    norm_bits: u32,
    rows: &[i16],
    width: usize,
    unit: f32,
    kept: &mut Normalised,
) {
    let step = 1.0 / (1 << norm_bits) as f32;
    let mut steps = vec![0i8; width];
    kept.values.resize(rows.len() / width, width);
    for (index, row) in rows.chunks_exact(width).enumerate() {
        ops::norm8(norm_bits, row, &mut steps);
        for (value, &steps) in kept.values.row_mut(index).iter_mut().zip(&steps) {
            *value = f32::from(steps) * step;
        }
    }
    deviations(rows, width, unit, kept);
}

/// Writes the norm of 16 bits of every row, whose steps are worth `unit`.
pub(super) fn wide_norm(rows: &[i16], width: usize, unit: f32, kept: &mut Normalised) {
    let mut steps = vec![0i16; width];
    kept.values.resize(rows.len() / width, width);
    for (index, row) in rows.chunks_exact(width).enumerate() {
        ops::norm12(row, &mut steps);
        for (value, &steps) in kept.values.row_mut(index).iter_mut().zip(&steps) {
            *value = f32::from(steps) * WIDE_UNIT;
        }
    }
    deviations(rows, width, unit, kept);
}

/// One over the deviation of each row, whose steps are worth `unit`.
pub(super) fn deviations<T: Copy + Into<i32>>(
    rows: &[T],
    width: usize,
    unit: f32,
    kept: &mut Normalised,
) {
    kept.inverse_deviation.clear();
    let deviations = rows.chunks_exact(width).map(|row| {
        let numbers = || row.iter().map(|&value| value.into() as f32);
        let mean = numbers().sum::<f32>() / width as f32;
        let squares: f32 = numbers().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = unit * (squares / width as f32).sqrt();
        if deviation > 0.0 {
            1.0 / deviation
        } else {
            0.0
        }
    });
    kept.inverse_deviation.extend(deviations);
}

//! A rotation of the space of rows that makes them easy to round.
//!
//! What training leaves has a few large numbers a row, so that a scale for all of them is coarse for
//! the rest. Rows are read by a norm and by maps: rotate rows and maps alike, and embeddings stay
//! what they were. The norm takes the mean of a row away, so the rotation keeps the direction of
//! equal numbers.
//!
//! ```text
//! rows  [N, R]  ->  rows Q^T          row . map^T  =  (row Q^T) . (map Q^T)^T
//! maps  [O, R]  ->  maps Q^T          Q [R, R] orthogonal, Q 1 = 1
//! ```
//!
//! Q begins at random and is fitted to the rows by turns: round the rotated rows; rotate so that
//! they come nearest to what they were rounded to (Gong, Lazebnik, "Iterative quantization", 2011).
//! Rows count alike, whatever their length.

use super::{Levels, fitted_scale};
use crate::model::Parameters;
use crate::random::Random;
use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

/// Turns of the fit: 10 and 30 leave 0.107 and 0.103 of the squares of rows at two bits, 60 leave
/// 0.100; a random rotation 0.116, none 0.183.
const TURNS: usize = 60;

/// Steps to the nearest orthogonal matrix; each makes small singular values half as large again.
const POLAR_STEPS: usize = 40;

/// Weight of the rotation of the turn before, against a mean direction of the rows: it decides
/// where no row points.
const HOLD: f64 = 0.01;

/// Decides the rotation that the fit begins with.
const KEY: [u64; 3] = [0x726f_7461, 0, 0];

/// Rotates rows and what reads them, so that rows lose little when they are rounded to `levels`.
pub(crate) fn ease_rounding(parameters: &mut Parameters, levels: Levels) {
    let width = parameters.row_width;
    let rotation = fit(&parameters.rows, width, levels);
    let maps = parameters
        .body
        .iter_mut()
        .map(|body| &mut body.input.weight);
    let maps = maps.map(|weight| weight.values_mut());
    for values in maps.chain([&mut parameters.rows[..], &mut parameters.projection[..]]) {
        rotate(values, width, &rotation);
    }
}

/// Multiplies every row of `values` (`[N, R]`, flat) by `rotation`.
fn rotate(values: &mut [f32], width: usize, rotation: &Array2<f64>) {
    values.par_chunks_mut(width).for_each(|row| {
        let numbers: Vec<f64> = row.iter().copied().map(f64::from).collect();
        for (value, image) in row.iter_mut().zip(rotation.rows()) {
            *value = image.iter().zip(&numbers).map(|(a, b)| a * b).sum::<f64>() as f32;
        }
    });
}

/// The rotation `[R, R]` for `rows` (`[N, R]`, flat).
fn fit(rows: &[f32], width: usize, levels: Levels) -> Array2<f64> {
    let units = units(rows, width);
    let mut random = Random::keyed(KEY);
    let numbers = || f64::from(random.normal());
    let mut rotation = nearest_rotation(Array2::from_shape_simple_fn((width, width), numbers));
    let hold = HOLD * units.nrows() as f64 / width as f64;
    for _ in 0..TURNS {
        let mut rotated = units.dot(&rotation.t().mapv(|value| value as f32));
        round(&mut rotated, levels);
        let aim = rotated.t().dot(&units).mapv(f64::from);
        rotation = nearest_rotation(aim + hold * &rotation);
    }
    rotation
}

/// Rows without their mean, of length one, `[N, R]`; a row of equal numbers becomes zeros.
fn units(rows: &[f32], width: usize) -> Array2<f32> {
    let mut units = Array2::zeros((rows.len() / width, width));
    for (mut unit, row) in units.rows_mut().into_iter().zip(rows.chunks(width)) {
        let mean = row.iter().sum::<f32>() / width as f32;
        unit.assign(&ArrayView1::from(row).mapv(|value| value - mean));
        let length = unit.dot(&unit).sqrt();
        if length > 0.0 {
            unit /= length;
        }
    }
    units
}

/// Puts every row of `rows` `[N, R]` on the nearest `levels` and a scale.
fn round(rows: &mut Array2<f32>, levels: Levels) {
    let width = rows.ncols();
    let Some(values) = rows.as_slice_mut() else {
        unreachable!("a product is in standard order");
    };
    values.par_chunks_mut(width).for_each(|row| {
        let scale = fitted_scale(row, levels);
        for value in row {
            *value = scale * levels.round(*value / scale);
        }
    });
}

/// The rotation that keeps the direction of equal numbers and is else nearest to `matrix` `[R, R]`:
/// the polar factor, by Newton and Schulz's iteration (Higham, "Functions of Matrices", section 8.3).
fn nearest_rotation(matrix: Array2<f64>) -> Array2<f64> {
    let width = matrix.nrows();
    let equal = Array2::from_elem((width, width), 1.0 / width as f64);
    let others = Array2::eye(width) - &equal;
    let matrix = others.dot(&matrix).dot(&others);
    let length = matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
    let mut nearest = equal + matrix / length;
    for _ in 0..POLAR_STEPS {
        let square = nearest.t().dot(&nearest);
        nearest = 1.5 * &nearest - 0.5 * nearest.dot(&square);
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    fn lost(rows: &[f32], width: usize) -> f32 {
        let shares = rows.chunks(width).map(|row| {
            let scale = fitted_scale(row, Levels::Bits2);
            let error = |x: &f32| (x - scale * Levels::Bits2.round(x / scale)).powi(2);
            row.iter().map(error).sum::<f32>() / row.iter().map(|x| x * x).sum::<f32>()
        });
        shares.sum::<f32>() * width as f32 / rows.len() as f32
    }

    /// Rows with few large numbers.
    fn spiked(rows: usize, width: usize) -> Vec<f32> {
        let values = gradient_check::matrix(rows, width, 5);
        values.iter().map(|x| x.powi(5)).collect()
    }

    #[test]
    fn products_with_maps_and_means_stay() {
        let width = 12;
        let rotation = fit(&spiked(50, width), width, Levels::Bits2);
        let identity = rotation.dot(&rotation.t()) - Array2::<f64>::eye(width);
        assert!(identity.iter().all(|error| error.abs() < 1e-12));
        let (rows, maps) = (spiked(4, width), spiked(3, width));
        let (mut rotated_rows, mut rotated_maps) = (rows.clone(), maps.clone());
        rotate(&mut rotated_rows, width, &rotation);
        rotate(&mut rotated_maps, width, &rotation);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        for (row, rotated) in rows.chunks(width).zip(rotated_rows.chunks(width)) {
            assert!((row.iter().sum::<f32>() - rotated.iter().sum::<f32>()).abs() < 1e-5);
            for (map, rotated_map) in maps.chunks(width).zip(rotated_maps.chunks(width)) {
                assert!((dot(row, map) - dot(rotated, rotated_map)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn rounding_loses_less() {
        let width = 32;
        let mut rows = spiked(300, width);
        let before = lost(&rows, width);
        let rotation = fit(&rows, width, Levels::Bits2);
        rotate(&mut rows, width, &rotation);
        let after = lost(&rows, width);
        assert!(after < 0.6 * before, "{after} after {before}");
    }

    #[test]
    fn rows_of_zeros_and_of_equal_numbers_stay() {
        let mut rows = vec![0.0; 8];
        rows.extend([2.0; 8]);
        let rotation = fit(&rows, 8, Levels::Bits4);
        rotate(&mut rows, 8, &rotation);
        assert_eq!(rows[..8], [0.0; 8]);
        assert!(rows[8..].iter().all(|value| (value - 2.0).abs() < 1e-6));
    }
}

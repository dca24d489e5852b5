//! Rows as small integers with a scale of twelve bits.

use super::Levels;
use memt_core::encoder::tensor::MAX_ROW_SCALE;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The numbers a row can hold: `integer x scale x unit` with `1 <= scale <= 4095`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowGrid {
    /// The integers.
    pub(crate) levels: Levels,
    /// What scale 1 is worth.
    pub(crate) unit: f32,
}

/// Rows on a grid.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QuantisedRows {
    /// `[N, R]`
    pub(crate) values: Vec<i8>,
    /// `[N]`
    pub(crate) scales: Vec<u16>,
}

/// First guesses of a row's scale, as shares of the one that clips nothing.
/// They reach down to what is best for two bits and numbers of a normal distribution.
const CLIPS: [f32; 7] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4];

/// Integers and scale with the least squared error found: each first guess is rounded, then the
/// scale is fitted to the integers, put on the grid, and the integers rounded anew.
pub(crate) fn quantise_row(row: &[f32], grid: RowGrid, values: &mut [i8]) -> u16 {
    let largest = row
        .iter()
        .fold(0.0f32, |largest, value| largest.max(value.abs()));
    let mut best = (f32::INFINITY, 1.0f32);
    for clip in CLIPS {
        let guess = clip * largest / grid.levels.largest();
        let scale = on_grid(fitted(row, guess.max(f32::MIN_POSITIVE), grid.levels), grid);
        let error = squared_error(row, scale * grid.unit, grid.levels);
        if error < best.0 {
            best = (error, scale);
        }
    }
    let inverse = 1.0 / (best.1 * grid.unit);
    for (value, number) in values.iter_mut().zip(row) {
        *value = grid.levels.round(number * inverse) as i8;
    }
    best.1 as u16
}

/// The scale of least squared error found for `levels`, as [`quantise_row`] finds
/// it, without a grid.
pub(crate) fn fitted_scale(row: &[f32], levels: Levels) -> f32 {
    let largest = row
        .iter()
        .fold(0.0f32, |largest, value| largest.max(value.abs()));
    let mut best = (f32::INFINITY, 1.0f32);
    for clip in CLIPS {
        let guess = (clip * largest / levels.largest()).max(SMALLEST_SCALE);
        let scale = fitted(row, guess, levels).max(SMALLEST_SCALE);
        let error = squared_error(row, scale, levels);
        if error < best.0 {
            best = (error, scale);
        }
    }
    best.1
}

/// Of a row of zeros, whose bias still needs accumulators.
const SMALLEST_SCALE: f32 = 1e-6;

/// The scale of least squared error for the integers that `guess` gives.
fn fitted(row: &[f32], guess: f32, levels: Levels) -> f32 {
    let inverse = 1.0 / guess;
    let (mut product, mut square) = (0.0f32, 0.0f32);
    for number in row {
        let value = levels.round(number * inverse);
        product += value * number;
        square += value * value;
    }
    if square > 0.0 {
        product / square
    } else {
        guess
    }
}

fn squared_error(row: &[f32], scale: f32, levels: Levels) -> f32 {
    let inverse = 1.0 / scale;
    let mut error = 0.0f32;
    for number in row {
        let difference = number - scale * levels.round(number * inverse);
        error += difference * difference;
    }
    error
}

fn on_grid(scale: f32, grid: RowGrid) -> f32 {
    (scale / grid.unit)
        .round()
        .clamp(1.0, f32::from(MAX_ROW_SCALE))
}

/// A unit with which no row of `rows` (`[N, R]`, flat) is clipped, with half as much room again for
/// rows that grow in training.
pub(crate) fn smallest_unit(rows: &[f32], levels: Levels) -> f32 {
    const ROOM: f32 = 1.5;
    let largest = rows
        .iter()
        .fold(0.0f32, |largest, value| largest.max(value.abs()));
    (ROOM * largest / levels.largest() / f32::from(MAX_ROW_SCALE)).max(f32::MIN_POSITIVE)
}

impl QuantisedRows {
    /// Puts every row of `rows` (`[N, R]`, flat) on the grid.
    pub(crate) fn of(rows: &[f32], row_width: usize, grid: RowGrid) -> Self {
        let mut values = vec![0; rows.len()];
        let scales = values
            .par_chunks_mut(row_width)
            .zip(rows.par_chunks(row_width))
            .map(|(values, row)| quantise_row(row, grid, values))
            .collect();
        Self { values, scales }
    }

    /// What rounding left of `rows`, of which these are the integers.
    pub(crate) fn left(&self, rows: &[f32], row_width: usize, grid: RowGrid) -> Vec<f32> {
        let steps = self
            .scales
            .iter()
            .map(|&scale| f32::from(scale) * grid.unit);
        let numbers = rows.chunks(row_width).zip(self.values.chunks(row_width));
        numbers
            .zip(steps)
            .flat_map(|((row, values), step)| {
                let pairs = row.iter().zip(values);
                pairs.map(move |(number, &value)| number - step * f32::from(value))
            })
            .collect()
    }

    /// The integers of the second rows: of what rounding left of the rows at `places`.
    pub(crate) fn fine(
        &self,
        rows: &[f32],
        row_width: usize,
        grid: RowGrid,
        places: &[u32],
    ) -> Self {
        let left = self.left(rows, row_width, grid);
        let chosen = places.iter().map(|&row| row as usize * row_width);
        let chosen: Vec<f32> = chosen
            .flat_map(|start| left[start..start + row_width].iter().copied())
            .collect();
        Self::of(&chosen, row_width, grid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    fn error(row: &[f32], values: &[i8], scale: u16, grid: RowGrid) -> f32 {
        let step = f32::from(scale) * grid.unit;
        row.iter()
            .zip(values)
            .map(|(x, &v)| (x - step * f32::from(v)).powi(2))
            .sum()
    }

    #[test]
    fn numbers_on_the_grid_stay() {
        let grid = RowGrid {
            levels: Levels::Bits4,
            unit: 0.001,
        };
        let row = [0.7, -0.7, 0.1, 0.0, -0.3];
        let mut values = [0; 5];
        assert_eq!(quantise_row(&row, grid, &mut values), 100);
        assert_eq!(values, [7, -7, 1, 0, -3]);
        assert_eq!(quantise_row(&[0.0; 5], grid, &mut values), 1);
        assert_eq!(values, [0; 5]);
    }

    #[test]
    fn no_scale_on_the_grid_is_much_better() {
        let matrix = gradient_check::matrix(40, 64, 9);
        let grid = RowGrid {
            levels: Levels::Bits4,
            unit: 1e-3,
        };
        let mut values = [0; 64];
        for row in matrix.rows() {
            let row: Vec<f32> = row.iter().map(|value| value * value * value).collect();
            let scale = quantise_row(&row, grid, &mut values);
            let found = error(&row, &values, scale, grid);
            let best = (40..200)
                .map(|scale| squared_error(&row, scale as f32 * grid.unit, grid.levels))
                .fold(f32::INFINITY, f32::min);
            assert!(found <= 1.1 * best, "{found} against {best}");
        }
    }

    #[test]
    fn the_unit_clips_nothing() {
        let rows = [3.0, -14.0, 0.5, 0.1];
        let grid = RowGrid {
            levels: Levels::Bits4,
            unit: smallest_unit(&rows, Levels::Bits4),
        };
        let quantised = QuantisedRows::of(&rows, 2, grid);
        assert!(
            quantised
                .scales
                .iter()
                .all(|&scale| (1..MAX_ROW_SCALE).contains(&scale))
        );
        assert!(
            error(
                &rows[..2],
                &quantised.values[..2],
                quantised.scales[0],
                grid
            ) < 1.0
        );
    }
}

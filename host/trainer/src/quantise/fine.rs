//! Which rows get a second row for what rounding leaves of the first.

use super::{QuantisedRows, RowGrid};
use std::cmp::Reverse;

/// The `count` rows of `rows` (`[N, R]`, flat) with the largest squared error of rounding, each times
/// its entry in `uses` `[N]`; ascending.
pub(crate) fn rows_to_refine(
    rows: &[f32],
    row_width: usize,
    grid: RowGrid,
    uses: &[f64],
    count: usize,
) -> Vec<u32> {
    let rounded = QuantisedRows::of(rows, row_width, grid);
    let left = rounded.left(rows, row_width, grid);
    let errors = left.chunks(row_width).map(|row| {
        let squares = row.iter().map(|&value| f64::from(value).powi(2));
        squares.sum::<f64>()
    });
    let mut costs: Vec<(f64, Reverse<u32>)> = errors
        .zip(uses)
        .zip(0..)
        .map(|((error, uses), row)| (error * uses, Reverse(row)))
        .collect();
    costs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    let mut chosen: Vec<u32> = costs[..count].iter().map(|cost| cost.1.0).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;
    use crate::quantise::{Levels, quantise_row, smallest_unit};

    #[test]
    fn the_costliest_are_chosen_and_lose_less() {
        let (count, width) = (40, 32);
        let rows = gradient_check::matrix(count, width, 3);
        let rows: Vec<f32> = rows.iter().copied().collect();
        let levels = Levels::Bits2;
        let unit = smallest_unit(&rows, levels);
        let grid = RowGrid { levels, unit };
        let uses: Vec<f64> = (0..count).map(|row| (row % 7) as f64).collect();
        let chosen = rows_to_refine(&rows, width, grid, &uses, 12);
        assert_eq!(chosen.len(), 12);
        assert!(chosen.is_sorted());
        let cost = |row: usize, fine: bool| {
            let row = &rows[row * width..][..width];
            let mut values = vec![0; width];
            let mut left = row.to_vec();
            for _ in 0..=usize::from(fine) {
                let scale = f32::from(quantise_row(&left.clone(), grid, &mut values)) * unit;
                let values = values.iter().map(|&value| f32::from(value) * scale);
                left.iter_mut()
                    .zip(values)
                    .for_each(|(left, value)| *left -= value);
            }
            left.iter().map(|x| f64::from(x * x)).sum::<f64>()
        };
        let weighted = |row: u32| uses[row as usize] * cost(row as usize, false);
        let least = chosen
            .iter()
            .map(|&row| weighted(row))
            .fold(f64::INFINITY, f64::min);
        for row in (0..count as u32).filter(|row| !chosen.contains(row)) {
            assert!(weighted(row) <= least);
        }
        let of = |fine| {
            chosen
                .iter()
                .map(|&row| cost(row as usize, fine))
                .sum::<f64>()
        };
        assert!(of(true) < 0.25 * of(false), "{} of {}", of(true), of(false));
    }
}

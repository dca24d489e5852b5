//! Products of the small matrices that attention has for each text and head: a few tokens by the
//! features of a head, taken out of larger matrices. Calls of a general product cost more than their
//! arithmetic at this size.

use super::matrix::Matrix;
use std::ops::Range;

/// Rows `tokens` and columns `features` of a matrix: `[L, d]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strip<'m> {
    matrix: &'m Matrix,
    first_token: usize,
    tokens: usize,
    first_feature: usize,
    features: usize,
}

/// Rows and columns of a tile of [`Strip::products`]: eight vectors of eight numbers, which fit the
/// registers and overlap their additions.
const TILE_ROWS: usize = 4;
const TILE_COLUMNS: usize = 16;

impl<'m> Strip<'m> {
    pub(crate) fn of(matrix: &'m Matrix, tokens: &Range<usize>, features: Range<usize>) -> Self {
        Self {
            matrix,
            first_token: tokens.start,
            tokens: tokens.len(),
            first_feature: features.start,
            features: features.len(),
        }
    }

    fn row(&self, token: usize) -> &'m [f32] {
        let row = self.matrix.row(self.first_token + token);
        &row[self.first_feature..self.first_feature + self.features]
    }

    /// Writes the transposed strip, `[d, P]`, P the tokens filled up with zeros to whole tiles.
    fn transpose(&self, out: &mut Vec<f32>) -> usize {
        let padded = self.tokens.next_multiple_of(TILE_COLUMNS);
        out.clear();
        out.resize(self.features * padded, 0.0);
        for token in 0..self.tokens {
            for (column, &value) in out.chunks_exact_mut(padded).zip(self.row(token)) {
                column[token] = value;
            }
        }
        padded
    }

    /// `out[i, j] = scale x self[i] . other[j]`, `[L, L]`; `work` is memory.
    pub(crate) fn products(&self, other: Self, scale: f32, work: &mut Vec<f32>, out: &mut [f32]) {
        let padded = other.transpose(work);
        for first in (0..self.tokens).step_by(TILE_ROWS) {
            let rows: [&[f32]; TILE_ROWS] =
                std::array::from_fn(|row| self.row((first + row).min(self.tokens - 1)));
            for tile in 0..padded / TILE_COLUMNS {
                let sums = multiply_tile(rows, work, padded, tile);
                let column = tile * TILE_COLUMNS;
                let columns = TILE_COLUMNS.min(self.tokens - column);
                for (row, sums) in (first..self.tokens).zip(sums) {
                    let out = &mut out[row * self.tokens + column..][..columns];
                    for (out, sum) in out.iter_mut().zip(sums) {
                        *out = scale * sum;
                    }
                }
            }
        }
    }

    /// `out[i] = scale x sum over j of weight(i, j) self[j]`, in the tokens of this strip and columns
    /// from `first_feature` on of `out`.
    pub(crate) fn combine(
        &self,
        weight: impl Fn(usize, usize) -> f32,
        scale: f32,
        first_feature: usize,
        out: &mut Matrix,
    ) {
        if self.features.is_multiple_of(32) {
            self.combine_by::<32>(weight, scale, first_feature, out);
        } else {
            self.combine_by::<1>(weight, scale, first_feature, out);
        }
    }

    fn combine_by<const COLUMNS: usize>(
        &self,
        weight: impl Fn(usize, usize) -> f32,
        scale: f32,
        first_feature: usize,
        out: &mut Matrix,
    ) {
        for block in (0..self.features).step_by(COLUMNS) {
            for token in (0..self.tokens).step_by(2) {
                let pair = [token, (token + 1).min(self.tokens - 1)];
                let mut sums = [[0.0; COLUMNS]; 2];
                for other in 0..self.tokens {
                    let row = &self.row(other)[block..block + COLUMNS];
                    for (sums, token) in sums.iter_mut().zip(pair) {
                        let weight = weight(token, other);
                        for (sum, value) in sums.iter_mut().zip(row) {
                            *sum += weight * value;
                        }
                    }
                }
                for (token, sums) in pair.into_iter().zip(sums) {
                    let row = out.row_mut(self.first_token + token);
                    let row = &mut row[first_feature + block..][..COLUMNS];
                    for (out, sum) in row.iter_mut().zip(sums) {
                        *out = scale * sum;
                    }
                }
            }
        }
    }
}

/// Four rows by sixteen columns of a transposed strip.
#[inline]
fn multiply_tile(
    rows: [&[f32]; TILE_ROWS],
    transposed: &[f32],
    padded: usize,
    tile: usize,
) -> [[f32; TILE_COLUMNS]; TILE_ROWS] {
    let mut sums = [[0.0; TILE_COLUMNS]; TILE_ROWS];
    for (feature, columns) in transposed.chunks_exact(padded).enumerate() {
        let columns = &columns.as_chunks::<TILE_COLUMNS>().0[tile];
        for (sums, row) in sums.iter_mut().zip(rows) {
            let value = row[feature];
            for (sum, column) in sums.iter_mut().zip(columns) {
                *sum += value * column;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::noise;

    #[test]
    fn products_and_combinations_follow_the_definition() {
        for (tokens, features) in [(1, 2), (5, 32), (16, 8), (17, 64), (33, 3)] {
            let matrix = noise(1, tokens + 3, 2 * features + 1);
            let range = 2..2 + tokens;
            let left = Strip::of(&matrix, &range, 1..1 + features);
            let right = Strip::of(&matrix, &range, 1 + features..1 + 2 * features);
            let mut products = vec![0.0; tokens * tokens];
            left.products(right, 0.5, &mut Vec::new(), &mut products);
            let mut combined = Matrix::zeros(tokens + 3, features + 1);
            let weight = |i: usize, j: usize| products[j * tokens + i];
            right.combine(weight, 2.0, 1, &mut combined);
            for i in 0..tokens {
                for j in 0..tokens {
                    let pairs = left.row(i).iter().zip(right.row(j));
                    let exact: f32 = pairs.map(|(a, b)| a * b).sum();
                    assert!((products[i * tokens + j] - 0.5 * exact).abs() < 1e-4);
                }
                for feature in 0..features {
                    let exact: f32 = (0..tokens)
                        .map(|j| 2.0 * weight(i, j) * right.row(j)[feature])
                        .sum();
                    assert!((combined.row(2 + i)[1 + feature] - exact).abs() < 1e-3);
                }
            }
            assert!(combined.row(0).iter().all(|&value| value == 0.0));
        }
    }
}

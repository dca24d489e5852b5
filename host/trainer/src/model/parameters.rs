//! What is trained.

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Rows and projection in floats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Parameters {
    /// R: numbers a row.
    pub(crate) row_width: usize,
    /// `[W + G, R]`, flat.
    pub(crate) rows: Vec<f32>,
    /// `[D, R]`, flat.
    pub(crate) projection: Vec<f32>,
}

impl Parameters {
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        &self.rows[row * self.row_width..(row + 1) * self.row_width]
    }

    /// `[D, R]`
    pub(crate) fn projection(&self) -> ArrayView2<'_, f32> {
        let columns = self.row_width;
        let rows = self.projection.len() / columns;
        // The length is a multiple of the width by construction.
        ArrayView2::from_shape((rows, columns), &self.projection)
            .unwrap_or_else(|error| unreachable!("projection of whole rows: {error}"))
    }

    /// `[T, R]`: for each text the sum of its rows.
    pub(crate) fn sums<'t>(
        &self,
        texts: impl ExactSizeIterator<Item = &'t [crate::vocabulary::Token]>,
    ) -> Array2<f32> {
        let mut sums = Array2::zeros((texts.len(), self.row_width));
        for (mut sum, tokens) in sums.rows_mut().into_iter().zip(texts) {
            let Some(sum) = sum.as_slice_mut() else {
                unreachable!("rows of a fresh array are contiguous")
            };
            for token in tokens {
                for (sum, value) in sum.iter_mut().zip(self.row(token.row as usize)) {
                    *sum += token.share * value;
                }
            }
        }
        sums
    }
}

//! Row-major matrices of `f32` and their products.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use serde::{Deserialize, Serialize};

/// A row-major matrix `[R, C]` whose allocation survives a change of size.
///
/// A training step works in the same few hundred megabytes again and again; [`Matrix::resize`]
/// keeps them, so that no step pays for fresh pages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Matrix {
    /// A matrix of zeros, `[rows, columns]`.
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    /// A matrix `[rows, columns]` that takes over `values`, row after row.
    ///
    /// # Panics
    /// If `values` does not hold `rows * columns` numbers.
    #[cfg(test)]
    pub(crate) fn from_values(rows: usize, columns: usize, values: Vec<f32>) -> Self {
        assert_eq!(
            values.len(),
            rows * columns,
            "a matrix [{rows}, {columns}] needs {} values, got {}",
            rows * columns,
            values.len()
        );
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Changes the shape to `[rows, columns]`; the contents are unspecified afterwards.
    pub(crate) fn resize(&mut self, rows: usize, columns: usize) {
        self.values.resize(rows * columns, 0.0);
        self.rows = rows;
        self.columns = columns;
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// All values, row after row.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    /// All values, row after row.
    pub(crate) fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// Row `index`, `[C]`.
    pub(crate) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// Row `index`, `[C]`.
    pub(crate) fn row_mut(&mut self, index: usize) -> &mut [f32] {
        &mut self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// The matrix as an `ndarray` view `[R, C]`.
    pub(crate) fn view(&self) -> ArrayView2<'_, f32> {
        view(self.rows, self.columns, &self.values)
    }

    /// The matrix as an `ndarray` view `[R, C]`.
    pub(crate) fn view_mut(&mut self) -> ArrayViewMut2<'_, f32> {
        view_mut(self.rows, self.columns, &mut self.values)
    }
}

/// `values` as an `ndarray` view `[rows, columns]`.
///
/// # Panics
/// If `values` does not hold `rows * columns` numbers.
pub(crate) fn view(rows: usize, columns: usize, values: &[f32]) -> ArrayView2<'_, f32> {
    match ArrayView2::from_shape((rows, columns), values) {
        Ok(view) => view,
        Err(error) => panic!("[{rows}, {columns}] over {} values: {error}", values.len()),
    }
}

/// `values` as an `ndarray` view `[rows, columns]`.
///
/// # Panics
/// If `values` does not hold `rows * columns` numbers.
pub(crate) fn view_mut(rows: usize, columns: usize, values: &mut [f32]) -> ArrayViewMut2<'_, f32> {
    let count = values.len();
    match ArrayViewMut2::from_shape((rows, columns), values) {
        Ok(view) => view,
        Err(error) => panic!("[{rows}, {columns}] over {count} values: {error}"),
    }
}

/// `output = left · right`: `[R, K] · [K, C] -> [R, C]`; `output` is resized.
pub(crate) fn multiply(left: ArrayView2<'_, f32>, right: ArrayView2<'_, f32>, output: &mut Matrix) {
    output.resize(left.nrows(), right.ncols());
    general_mat_mul(1.0, &left, &right, 0.0, &mut output.view_mut());
}

/// `output += left · right`: `[R, K] · [K, C]` onto `[R, C]`.
pub(crate) fn multiply_add(
    left: ArrayView2<'_, f32>,
    right: ArrayView2<'_, f32>,
    output: &mut Matrix,
) {
    general_mat_mul(1.0, &left, &right, 1.0, &mut output.view_mut());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_follow_the_definition() {
        let left = Matrix::from_values(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let right = Matrix::from_values(3, 2, vec![7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
        let mut output = Matrix::default();
        multiply(left.view(), right.view(), &mut output);
        assert_eq!(output.values(), [58.0, 64.0, 139.0, 154.0]);
        multiply_add(left.view(), right.view(), &mut output);
        assert_eq!(output.values(), [116.0, 128.0, 278.0, 308.0]);
    }
}

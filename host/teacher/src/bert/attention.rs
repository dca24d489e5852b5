//! Scaled dot-product attention of several heads (<https://arxiv.org/abs/1706.03762>).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, Slice};
use std::ops::Range;

/// Each token of a text attends to all tokens of the same text.
///
/// `query`, `key`, `value` are `[T, H]`, texts of `lengths` tokens one after the other; the result is `[T, H]`,
/// heads side by side: per head `softmax(Q K^T / sqrt d) V`, d = H / heads.
pub(super) fn attend(
    [query, key, value]: [&Array2<f32>; 3],
    lengths: &[usize],
    heads: usize,
) -> Array2<f32> {
    let mut context = Array2::zeros(query.dim());
    let width = query.ncols() / heads;
    let mut start = 0;
    for &length in lengths {
        let rows = start..start + length;
        let mut text = context.slice_axis_mut(Axis(0), Slice::from(rows.clone()));
        for head in 0..heads {
            let columns = head * width..(head + 1) * width;
            let [query, key, value] =
                [query, key, value].map(|matrix| part(matrix, &rows, &columns));
            let mut out = text.slice_axis_mut(Axis(1), Slice::from(columns));
            general_mat_mul(1.0, &weights(query, key), &value, 0.0, &mut out);
        }
        start += length;
    }
    context
}

fn part<'a>(
    matrix: &'a Array2<f32>,
    rows: &Range<usize>,
    columns: &Range<usize>,
) -> ArrayView2<'a, f32> {
    let (text, _) = matrix.view().split_at(Axis(0), rows.end);
    let (_, text) = text.split_at(Axis(0), rows.start);
    let (head, _) = text.split_at(Axis(1), columns.end);
    head.split_at(Axis(1), columns.start).1
}

/// `softmax(Q K^T / sqrt d)`, `[L, L]`, rows sum to 1.
fn weights(query: ArrayView2<'_, f32>, key: ArrayView2<'_, f32>) -> Array2<f32> {
    let scale = (query.ncols() as f32).sqrt().recip();
    let mut scores = query.dot(&key.t());
    for mut row in scores.rows_mut() {
        let largest = row.fold(f32::NEG_INFINITY, |largest, &score| largest.max(score));
        row.mapv_inplace(|score| ((score - largest) * scale).exp());
        let sum = row.sum();
        row /= sum;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::attend;
    use ndarray::array;

    #[test]
    fn weights_are_softmax_within_head_and_text() {
        // Two heads of width 1; a text of two tokens and one of one.
        let query = array![[1.0, 0.0], [0.0, 0.0], [5.0, 5.0]];
        let key = array![[0.0, 3.0], [3.0_f32.ln(), 9.0], [100.0, 100.0]];
        let value = array![[4.0, 1.0], [8.0, 3.0], [-1.0, -2.0]];
        let context = attend([&query, &key, &value], &[2, 1], 2);
        let expected = array![[7.0, 2.0], [6.0, 2.0], [-1.0, -2.0]];
        assert!(
            (context - expected)
                .iter()
                .all(|error: &f32| error.abs() < 1e-5)
        );
    }
}

//! Embeddings as floats to be laid out and gathered: unit vectors without what they have in common.

use memt_core::embedding::{DIMENSIONS, Embedding};
use ndarray::{Array1, Array2, Axis};

/// Unit vectors `[N, D]` of embeddings, their mean taken out; where nothing else is left, zeros.
pub(super) fn centred(embeddings: &[Embedding]) -> Array2<f32> {
    let mut vectors = Array2::from_shape_fn((embeddings.len(), DIMENSIONS), |(row, column)| {
        f32::from(embeddings[row].0[column])
    });
    vectors.rows_mut().into_iter().for_each(normalise);
    let mean = vectors.mean_axis(Axis(0));
    if let Some(mean) = mean.filter(|_| embeddings.len() > 2) {
        vectors -= &mean;
        vectors.rows_mut().into_iter().for_each(normalise);
    }
    vectors
}

/// Makes a vector a unit one, unless it is nearly zero.
pub(super) fn normalise(mut vector: ndarray::ArrayViewMut1<'_, f32>) {
    let norm = vector.dot(&vector).sqrt();
    if norm > 1e-6 {
        vector /= norm;
    }
}

/// The two directions in which `vectors` `[N, D]` differ most, and where each lies along them `[N, 2]`:
/// principal components by power iteration.
pub(super) fn principal_components(vectors: &Array2<f32>) -> Array2<f32> {
    let mut places = Array2::zeros((vectors.nrows(), 2));
    let mut rest = vectors.clone();
    for mut column in places.columns_mut() {
        let direction = principal_direction(&rest);
        let along = rest.dot(&direction);
        for (mut row, &length) in rest.rows_mut().into_iter().zip(&along) {
            row.scaled_add(-length, &direction);
        }
        column.assign(&along);
    }
    places
}

/// Iterations of the power method; more change nothing that is seen.
const ITERATIONS: usize = 50;

fn principal_direction(vectors: &Array2<f32>) -> Array1<f32> {
    let covariance = vectors.t().dot(vectors);
    let mut direction = Array1::from_elem(vectors.ncols(), 1.0);
    // Off the diagonal, so that no data is likely to be at right angles to it.
    for (index, component) in direction.iter_mut().enumerate() {
        *component += index as f32 / vectors.ncols() as f32;
    }
    for _ in 0..ITERATIONS {
        direction = covariance.dot(&direction);
        normalise(direction.view_mut());
    }
    direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principal_components_follow_the_spread() {
        let vectors = Array2::from_shape_fn((40, DIMENSIONS), |(row, column)| {
            let far = (row as f32 - 19.5) * 10.0;
            let near = if row % 2 == 0 { 20.0 } else { -20.0 };
            match column {
                3 => far,
                70 => near,
                _ => 0.0,
            }
        });
        let places = principal_components(&vectors);
        for (row, place) in places.rows().into_iter().enumerate() {
            let far = (row as f32 - 19.5) * 10.0;
            assert!((place[0].abs() - far.abs()).abs() < 2.0, "{row}: {place}");
            assert!((place[1].abs() - 20.0).abs() < 2.0, "{row}: {place}");
        }
    }

    #[test]
    fn the_common_part_is_gone() {
        let with = |axis: usize| {
            let mut embedding = Embedding([100; DIMENSIONS]);
            embedding.0[axis] = 127;
            embedding
        };
        let vectors = centred(&[with(0), with(1), with(2), with(0)]);
        let cosine = |a: usize, b: usize| vectors.row(a).dot(&vectors.row(b));
        assert!(cosine(0, 3) > 0.99 && cosine(0, 1) < 0.1);
        assert_eq!(centred(&[Embedding::ZERO])[[0, 0]], 0.0);
        assert_eq!(centred(&[]).nrows(), 0);
    }
}

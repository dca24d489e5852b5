//! How strongly memories belong together: the joint probabilities of t-SNE (van der Maaten and Hinton,
//! "Visualizing Data using t-SNE", 2008, section 2 and equation 1).

use ndarray::{Array2, ArrayView1, Axis};
use rayon::prelude::*;

/// Neighbours that a memory has in effect, where there are enough.
const PERPLEXITY: f32 = 20.0;

/// Halvings of the search for a width.
const HALVINGS: usize = 40;

/// `p_ij` `[N, N]` of unit vectors `[N, D]`: symmetric, zero on the diagonal, 1 in all.
pub(super) fn affinities(vectors: &Array2<f32>) -> Array2<f32> {
    let count = vectors.nrows();
    let perplexity = PERPLEXITY.min((count as f32 - 1.0) / 3.0).max(1.0);
    let mut given = vectors.dot(&vectors.t());
    let rows = given.axis_iter_mut(Axis(0)).into_par_iter();
    rows.enumerate().for_each(|(own, mut row)| {
        // The squared distance of unit vectors.
        row.mapv_inplace(|cosine| (2.0 - 2.0 * cosine).max(0.0));
        let width = width(row.view(), own, perplexity.ln());
        row.mapv_inplace(|distance| (-distance * width).exp());
        row[own] = 0.0;
        let sum = row.sum().max(f32::MIN_POSITIVE);
        row /= sum;
    });
    let joint = &given + &given.t();
    joint / (2.0 * count as f32)
}

/// The inverse width at which the distribution over the others has this entropy.
fn width(distances: ArrayView1<'_, f32>, own: usize, entropy: f32) -> f32 {
    let (mut low, mut high, mut width) = (0.0f32, f32::INFINITY, 1.0f32);
    for _ in 0..HALVINGS {
        if entropy_at(distances, own, width) > entropy {
            low = width;
            width = if high.is_finite() {
                (low + high) / 2.0
            } else {
                2.0 * width
            };
        } else {
            high = width;
            width = (low + high) / 2.0;
        }
    }
    width
}

fn entropy_at(distances: ArrayView1<'_, f32>, own: usize, width: f32) -> f32 {
    let others = || {
        let all = distances.iter().enumerate();
        all.filter(|&(other, _)| other != own).map(|(_, &d)| d)
    };
    let least = others().fold(f32::INFINITY, f32::min);
    let (mut sum, mut mean) = (0.0f32, 0.0f32);
    for distance in others() {
        let weight = (-(distance - least) * width).exp();
        sum += weight;
        mean += weight * (distance - least);
    }
    sum.ln() + width * mean / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_symmetric_and_sum_to_one() {
        let vectors = Array2::from_shape_fn((60, 8), |(row, column)| {
            f32::from(row % 8 == column) + 0.01 * (row as f32 / 60.0)
        });
        let joint = affinities(&vectors);
        assert!((joint.sum() - 1.0).abs() < 1e-4, "{}", joint.sum());
        assert_eq!(joint, joint.t());
        assert!(joint[[0, 8]] > 5.0 * joint[[0, 1]]);
        assert_eq!(joint[[5, 5]], 0.0);
    }

    #[test]
    fn the_width_gives_the_perplexity() {
        let distances = ndarray::Array1::from_shape_fn(100, |at| at as f32 * 0.02);
        let found = width(distances.view(), 0, 20f32.ln());
        let perplexity = entropy_at(distances.view(), 0, found).exp();
        assert!((perplexity - 20.0).abs() < 0.01, "{perplexity}");
    }
}

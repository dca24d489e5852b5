//! Agreement with the teacher on which texts are alike.

use super::softmax::softmax_parts;
use ndarray::Array2;
use ndarray::linalg::general_mat_mul;

/// Stands for the similarity of a text to itself, which says nothing.
const EXCLUDED: f32 = -1e30;

/// Mean over texts of `KL(p || q)`, where p and q are the softmax of a text's similarities to all
/// others of the shard in the teacher's and in the student's space, times `weight`; adds its
/// gradient to `gradient`. All `[T, D]`.
pub(crate) fn similarity_rows(
    units: &Array2<f32>,
    teacher: &Array2<f32>,
    temperature: f32,
    weight: f32,
    gradient: &mut Array2<f32>,
) -> f32 {
    let texts = units.nrows();
    let mut ours = logits(units, temperature);
    let mut theirs = logits(teacher, temperature);
    let scale = weight / (texts as f32 * temperature);
    let mut loss = 0.0;
    for (mut ours, mut theirs) in ours.rows_mut().into_iter().zip(theirs.rows_mut()) {
        let (Some(ours), Some(theirs)) = (ours.as_slice_mut(), theirs.as_slice_mut()) else {
            unreachable!("rows of a product are contiguous")
        };
        loss += divergence(ours, theirs, scale);
    }
    let symmetric = &ours + &ours.t();
    general_mat_mul(1.0, &symmetric, units, 1.0, gradient);
    weight * loss / texts as f32
}

fn logits(units: &Array2<f32>, temperature: f32) -> Array2<f32> {
    let mut logits = Array2::zeros((units.nrows(), units.nrows()));
    general_mat_mul(1.0 / temperature, units, &units.t(), 0.0, &mut logits);
    logits.diag_mut().fill(EXCLUDED);
    logits
}

/// `KL(p || q)` of one row; leaves `scale (q - p)` in `ours`.
fn divergence(ours: &mut [f32], theirs: &mut [f32], scale: f32) -> f32 {
    // KL = sum p (logit_p - logit_q) - log Z_p + log Z_q, the first part before exponentials
    // overwrite the logits.
    let differences: Vec<f32> = theirs.iter().zip(&*ours).map(|(p, q)| p - q).collect();
    let (our_largest, our_sum) = softmax_parts(ours);
    let (their_largest, their_sum) = softmax_parts(theirs);
    let (our_share, their_share) = (1.0 / our_sum, 1.0 / their_sum);
    let mut expected = 0.0;
    for ((ours, &theirs), difference) in ours.iter_mut().zip(&*theirs).zip(differences) {
        let (q, p) = (*ours * our_share, theirs * their_share);
        expected += p * difference;
        *ours = scale * (q - p);
    }
    expected + our_largest - their_largest + (our_sum / their_sum).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn gradient_agrees_with_differences() {
        let (units, teacher) = (
            gradient_check::matrix(6, 5, 3),
            gradient_check::matrix(6, 5, 4),
        );
        gradient_check::check(&units, |units, gradient| {
            similarity_rows(units, &teacher, 0.5, 1.3, gradient)
        });
    }

    #[test]
    fn equal_spaces_do_not_diverge() {
        let units = gradient_check::matrix(6, 5, 3);
        let mut gradient = Array2::zeros((6, 5));
        let loss = similarity_rows(&units, &units, 0.2, 1.0, &mut gradient);
        assert!(loss.abs() < 1e-6, "{loss}");
        assert!(gradient.iter().all(|value| value.abs() < 1e-6));
    }
}

//! Agreement with the teacher on how alike two texts are.

use ndarray::Array2;
use ndarray::linalg::general_mat_mul;

/// Half the mean squared difference between the similarities of two texts of the shard in the student's
/// and in the teacher's space, a text with itself left out, times `weight`; adds its gradient to
/// `gradient`. All `[T, D]`.
pub(crate) fn similarity_squares(
    units: &Array2<f32>,
    teacher: &Array2<f32>,
    weight: f32,
    gradient: &mut Array2<f32>,
) -> f32 {
    let texts = units.nrows();
    let mut differences = Array2::zeros((texts, texts));
    general_mat_mul(1.0, units, &units.t(), 0.0, &mut differences);
    general_mat_mul(-1.0, teacher, &teacher.t(), 1.0, &mut differences);
    differences.diag_mut().fill(0.0);
    let share = weight / (texts * (texts - 1).max(1)) as f32;
    general_mat_mul(2.0 * share, &differences, units, 1.0, gradient);
    0.5 * share * differences.iter().map(|value| value * value).sum::<f32>()
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
            similarity_squares(units, &teacher, 1.3, gradient)
        });
    }
}

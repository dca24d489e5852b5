//! Distance to the teacher's vectors.

use ndarray::Array2;

/// Mean of `1 - u . t` over texts, times `weight`; adds its gradient to `gradient`. All `[T, D]`.
pub(crate) fn cosine_to_teacher(
    units: &Array2<f32>,
    teacher: &Array2<f32>,
    weight: f32,
    gradient: &mut Array2<f32>,
) -> f32 {
    let texts = units.nrows() as f32;
    let cosines = (units * teacher).sum();
    gradient.scaled_add(-weight / texts, teacher);
    weight * (1.0 - cosines / texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn gradient_agrees_with_differences() {
        let (units, teacher) = (
            gradient_check::matrix(5, 7, 1),
            gradient_check::matrix(5, 7, 2),
        );
        gradient_check::check(&units, |units, gradient| {
            cosine_to_teacher(units, &teacher, 0.7, gradient)
        });
    }

    #[test]
    fn the_teacher_itself_has_no_loss() {
        let mut vector = Array2::zeros((1, 3));
        vector[[0, 1]] = 1.0;
        assert_eq!(
            cosine_to_teacher(&vector.clone(), &vector, 2.0, &mut vector.clone()),
            0.0
        );
    }
}

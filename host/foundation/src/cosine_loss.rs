//! Distance to the teacher: one minus the cosine.

use crate::matrix::Matrix;
use crate::reduction::dot;

/// Mean over the batch of `1 - cosine`; adds the gradient by `student` to `grad` `[N, D]`.
/// `student` and `teacher` are rows of length one, `[N, D]`.
pub fn cosine_loss(student: &Matrix, teacher: &Matrix, grad: &mut Matrix) -> f64 {
    let share = 1.0 / student.rows() as f32;
    for (grad, target) in grad.values_mut().iter_mut().zip(teacher.values()) {
        *grad -= share * target;
    }
    let cosines = (0..student.rows()).map(|row| dot(student.row(row), teacher.row(row)));
    1.0 - cosines.map(f64::from).sum::<f64>() * f64::from(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise};

    #[test]
    fn gradients_match_differences() {
        let student = noise(1, 3, 5);
        let teacher = noise(2, 3, 5);
        let mut grad = Matrix::zeros(3, 5);
        cosine_loss(&student, &teacher, &mut grad);
        assert_gradient(student.values(), grad.values(), |values| {
            let moved = Matrix::from_values(3, 5, values.to_vec());
            cosine_loss(&moved, &teacher, &mut Matrix::zeros(3, 5))
        });
    }

    #[test]
    fn equal_rows_cost_nothing() {
        let rows = Matrix::from_values(2, 2, vec![1.0, 0.0, 0.6, 0.8]);
        assert!(cosine_loss(&rows, &rows, &mut Matrix::zeros(2, 2)).abs() < 1e-7);
    }
}

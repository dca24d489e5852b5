//! Agreement with the teacher on who resembles whom within a batch: the Kullback-Leibler
//! divergence between rows of softmaxed similarities.

use ndarray::linalg::general_mat_mul;
use rayon::prelude::*;

use crate::matrix::{Matrix, block, view_mut};
use crate::reduction::dot;
use crate::softmax::softmax;

/// Rows that one task handles.
const ROWS_A_TASK: usize = 32;

/// Logit of a text's similarity to itself, which tells nothing: its probability is zero.
const SELF: f32 = -1e3;

/// The loss, with the memory that it works in.
#[derive(Debug, Clone)]
pub struct SimilarityLoss {
    /// Similarities are divided by it before the softmax.
    pub temperature: f32,
    /// Gradient by the student's similarities, `[N, N]`.
    slopes: Matrix,
}

impl SimilarityLoss {
    /// A loss at `temperature`.
    pub fn new(temperature: f32) -> Self {
        Self {
            temperature,
            slopes: Matrix::default(),
        }
    }

    /// Mean over rows of `KL(teacher || student)`; adds the gradient by `student` to `grad`.
    /// `student`, `teacher` and `grad` are `[N, D]`, the first two of them rows of length one.
    pub fn add(&mut self, student: &Matrix, teacher: &Matrix, grad: &mut Matrix) -> f64 {
        let texts = student.rows();
        self.slopes.resize(texts, texts);
        let temperature = self.temperature;
        let blocks = self.slopes.values_mut().par_chunks_mut(ROWS_A_TASK * texts);
        let divergences: Vec<f64> = blocks
            .enumerate()
            .map(|(index, slopes)| {
                let from = index * ROWS_A_TASK;
                let mut targets = vec![0.0; slopes.len()];
                similarities(teacher, from, temperature, &mut targets);
                similarities(student, from, temperature, slopes);
                let rows = slopes
                    .chunks_exact_mut(texts)
                    .zip(targets.chunks_exact_mut(texts));
                rows.map(|(student, teacher)| divergence(student, teacher))
                    .sum()
            })
            .collect();

        let share = 1.0 / (texts as f32 * temperature);
        let (slopes, student) = (self.slopes.view(), student.view());
        let features = grad.columns();
        let blocks = grad.values_mut().par_chunks_mut(ROWS_A_TASK * features);
        blocks.enumerate().for_each(|(index, grad)| {
            let rows = grad.len() / features;
            let range = index * ROWS_A_TASK..index * ROWS_A_TASK + rows;
            let mut grad = view_mut(rows, features, grad);
            let (along, across) = (
                block(slopes, range.clone(), 0..texts),
                block(slopes, 0..texts, range),
            );
            general_mat_mul(share, &along, &student, 1.0, &mut grad);
            general_mat_mul(share, &across.t(), &student, 1.0, &mut grad);
        });
        divergences.iter().sum::<f64>() / texts as f64
    }
}

/// Logits of the texts from `from` on against all texts, as many rows as `logits` holds.
fn similarities(units: &Matrix, from: usize, temperature: f32, logits: &mut [f32]) {
    let rows = logits.len() / units.rows();
    let left = block(units.view(), from..from + rows, 0..units.columns());
    let mut block = view_mut(rows, units.rows(), logits);
    general_mat_mul(1.0 / temperature, &left, &units.view().t(), 0.0, &mut block);
    for row in 0..rows {
        block[(row, from + row)] = SELF;
    }
}

/// `KL(teacher || student)` of two rows of logits. Afterwards `student` holds the gradient by its
/// logits and `teacher` is used up.
fn divergence(student: &mut [f32], teacher: &mut [f32]) -> f64 {
    let student_logits = student.to_vec();
    let teacher_logits = teacher.to_vec();
    let shift = softmax(student) - softmax(teacher);
    for (student, teacher) in student.iter_mut().zip(&*teacher) {
        *student -= teacher;
    }
    let expected = dot(teacher, &teacher_logits) - dot(teacher, &student_logits);
    f64::from(expected) + f64::from(shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::{assert_gradient, noise};

    #[test]
    fn equal_rows_cost_nothing() {
        let rows = noise(1, 40, 4);
        let loss = SimilarityLoss::new(0.5).add(&rows, &rows, &mut Matrix::zeros(40, 4));
        assert!(loss.abs() < 1e-6);
    }

    #[test]
    fn two_texts_leave_no_choice() {
        let (student, teacher) = (noise(1, 2, 4), noise(2, 2, 4));
        let loss = SimilarityLoss::new(0.05).add(&student, &teacher, &mut Matrix::zeros(2, 4));
        assert!(loss.abs() < 1e-5);
    }

    #[test]
    fn gradients_match_differences() {
        let (student, teacher) = (noise(1, 35, 4), noise(2, 35, 4));
        let mut grad = Matrix::zeros(35, 4);
        SimilarityLoss::new(0.5).add(&student, &teacher, &mut grad);
        assert_gradient(student.values(), grad.values(), |values| {
            let moved = Matrix::from_values(35, 4, values.to_vec());
            SimilarityLoss::new(0.5).add(&moved, &teacher, &mut Matrix::zeros(35, 4))
        });
    }
}

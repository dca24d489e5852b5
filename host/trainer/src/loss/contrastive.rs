//! Telling the partner of a text from all other texts.

use super::softmax::softmax_parts;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};

/// InfoNCE in both directions (van den Oord et al., "Representation Learning with Contrastive
/// Predictive Coding", 2018). `units` is `[2B + N, D]`: B texts a, their B partners b, and N given
/// hard negatives. Half the loss is the cross entropy of b_i among all b and negatives for a_i, half that
/// of a_i among all a for b_i; times `weight`. Adds its gradient to `gradient`.
pub(crate) fn contrastive(
    units: &Array2<f32>,
    pairs: usize,
    temperature: f32,
    weight: f32,
    gradient: &mut Array2<f32>,
) -> f32 {
    let half = Direction {
        temperature,
        weight: 0.5 * weight,
    };
    let (a, others) = units.view().split_at(Axis(0), pairs);
    let (b, _) = others.split_at(Axis(0), pairs);
    let (mut gradient_a, mut gradient_others) = gradient.view_mut().split_at(Axis(0), pairs);
    let forth = half.loss(a, others, gradient_a.view_mut(), gradient_others.view_mut());
    let (gradient_b, _) = gradient_others.split_at(Axis(0), pairs);
    forth + half.loss(b, a, gradient_b, gradient_a)
}

struct Direction {
    temperature: f32,
    weight: f32,
}

impl Direction {
    /// Mean cross entropy of candidate i for query i.
    fn loss(
        &self,
        queries: ArrayView2<'_, f32>,
        candidates: ArrayView2<'_, f32>,
        mut query_gradient: ArrayViewMut2<'_, f32>,
        mut candidate_gradient: ArrayViewMut2<'_, f32>,
    ) -> f32 {
        let mut logits = Array2::zeros((queries.nrows(), candidates.nrows()));
        general_mat_mul(
            1.0 / self.temperature,
            &queries,
            &candidates.t(),
            0.0,
            &mut logits,
        );
        let share = self.weight / queries.nrows() as f32;
        let mut loss = 0.0;
        for (index, mut row) in logits.rows_mut().into_iter().enumerate() {
            let partner = row[index];
            let Some(row) = row.as_slice_mut() else {
                unreachable!("rows of a product are contiguous")
            };
            let (largest, sum) = softmax_parts(row);
            loss += sum.ln() + largest - partner;
            let scale = share / (self.temperature * sum);
            row.iter_mut().for_each(|value| *value *= scale);
            row[index] -= share / self.temperature;
        }
        general_mat_mul(1.0, &logits, &candidates, 1.0, &mut query_gradient);
        general_mat_mul(1.0, &logits.t(), &queries, 1.0, &mut candidate_gradient);
        share * loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check;

    #[test]
    fn gradient_agrees_with_differences() {
        let units = gradient_check::matrix(8, 5, 5);
        gradient_check::check(&units, |units, gradient| {
            contrastive(units, 3, 0.5, 0.8, gradient)
        });
    }

    #[test]
    fn chance_costs_the_logarithm_of_the_choices() {
        let units = Array2::zeros((8, 5));
        let loss = contrastive(&units, 3, 0.1, 2.0, &mut Array2::zeros((8, 5)));
        assert!((loss - (5f32.ln() + 3f32.ln())).abs() < 1e-5, "{loss}");
    }
}

//! Adam (Kingma, Ba, 2015), for all numbers or for the rows that a batch touched.

use serde::{Deserialize, Serialize};

const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const SMALLEST: f32 = 1e-10;

/// Learning rates of one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) rows: f32,
    pub(crate) projection: f32,
    pub(crate) body: f32,
    /// Of the matrices of the body, if Muon moves them.
    pub(crate) matrices: Option<f32>,
    /// Share of a number of projection and body that a step takes away, times its learning rate.
    pub(crate) decay: f32,
    /// Longest gradient of projection and body together; a longer one shrinks all gradients.
    pub(crate) longest: f32,
}

/// Running means of gradients and their squares, with the number of updates of each row: a row's
/// means move only when the row is touched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RowMoments {
    pub(crate) first: Vec<f32>,
    pub(crate) second: Vec<f32>,
    pub(crate) updates: Vec<u32>,
}

impl RowMoments {
    /// Moments of zero for `rows` rows.
    pub(crate) fn new(rows: usize, row_width: usize) -> Self {
        Self {
            first: vec![0.0; rows * row_width],
            second: vec![0.0; rows * row_width],
            updates: vec![0; rows],
        }
    }
}

impl RowMoments {
    /// Moves `values`, all of them one row, against `gradient`.
    pub(crate) fn move_whole(
        &mut self,
        values: &mut [f32],
        gradient: &[f32],
        rate: f32,
        decay: f32,
    ) {
        let update = RowUpdate {
            row: values,
            first: &mut self.first,
            second: &mut self.second,
            updates: &mut self.updates[0],
        };
        update.apply(gradient, rate, decay);
    }
}

/// One row with its moments, borrowed for an update.
#[derive(Debug)]
pub(crate) struct RowUpdate<'r> {
    pub(crate) row: &'r mut [f32],
    pub(crate) first: &'r mut [f32],
    pub(crate) second: &'r mut [f32],
    pub(crate) updates: &'r mut u32,
}

impl RowUpdate<'_> {
    pub(crate) fn apply(self, gradient: &[f32], rate: f32, decay: f32) {
        *self.updates += 1;
        let updates = (*self.updates).min(100_000) as i32;
        let step = rate / (1.0 - FIRST_DECAY.powi(updates));
        let correction = 1.0 / (1.0 - SECOND_DECAY.powi(updates));
        let kept_back = rate * decay;
        let moments = self.first.iter_mut().zip(self.second.iter_mut());
        for ((value, gradient), (first, second)) in self.row.iter_mut().zip(gradient).zip(moments) {
            *first += (1.0 - FIRST_DECAY) * (gradient - *first);
            *second += (1.0 - SECOND_DECAY) * (gradient * gradient - *second);
            *value -=
                kept_back * *value + step * *first / ((*second * correction).sqrt() + SMALLEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PyTorch's `Adam([1.0], lr=0.1)` makes of these slopes.
    #[test]
    fn values_follow_pytorch() {
        let (mut value, mut moments) = ([1.0], RowMoments::new(1, 1));
        for (slope, expected) in [
            (0.5, 0.900_000_04),
            (-0.25, 0.873_366_36),
            (2.0, 0.806_301_6),
        ] {
            moments.move_whole(&mut value, &[slope], 0.1, 0.0);
            assert!((value[0] - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn decay_shrinks_what_no_gradient_moves() {
        let (mut value, mut moments) = ([2.0], RowMoments::new(1, 1));
        moments.move_whole(&mut value, &[0.0], 0.1, 0.5);
        assert!((value[0] - 1.9f32).abs() < 1e-6);
    }

    #[test]
    fn the_first_step_is_the_rate_and_a_minimum_is_found() {
        let (mut row, mut moments) = (vec![1.0f32, -2.0], RowMoments::new(1, 2));
        let mut step = |row: &mut [f32]| {
            let gradient = [2.0 * row[0], 8.0 * (row[1] - 1.0)];
            let update = RowUpdate {
                row,
                first: &mut moments.first,
                second: &mut moments.second,
                updates: &mut moments.updates[0],
            };
            update.apply(&gradient, 0.02, 0.0);
        };
        step(&mut row);
        assert!((row[0] - 0.98).abs() < 1e-5 && (row[1] + 1.98).abs() < 1e-5);
        (0..1500).for_each(|_| step(&mut row));
        assert!(
            row[0].abs() < 1e-2 && (row[1] - 1.0).abs() < 1e-2,
            "{row:?}"
        );
    }
}

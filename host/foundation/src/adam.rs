//! Adam (<https://arxiv.org/abs/1412.6980>), for whole tensors and for the touched rows of a table.

use rayon::prelude::*;

use crate::embedding::{TokenGradients, Use, sorted_uses, sum_uses};
use crate::matrix::Matrix;
use crate::tensors::Tensors;

/// Constants of the update rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamSettings {
    /// Learning rate.
    pub rate: f32,
    /// Decay of the first moment, a step.
    pub first_decay: f32,
    /// Decay of the second moment, a step.
    pub second_decay: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
}

impl Default for AdamSettings {
    fn default() -> Self {
        Self {
            rate: 1e-3,
            first_decay: 0.9,
            second_decay: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl AdamSettings {
    /// The update rule with the bias corrections of step `step`, counted from 1.
    fn at(self, step: i32) -> Update {
        let first_left = 1.0 - f64::from(self.first_decay).powi(step);
        let second_left = 1.0 - f64::from(self.second_decay).powi(step);
        Update {
            settings: self,
            rate: (f64::from(self.rate) / first_left) as f32,
            root_scale: (1.0 / second_left.sqrt()) as f32,
        }
    }
}

struct Update {
    settings: AdamSettings,
    rate: f32,
    root_scale: f32,
}

impl Update {
    fn apply(&self, values: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
        let AdamSettings {
            first_decay,
            second_decay,
            epsilon,
            ..
        } = self.settings;
        let moments = first.iter_mut().zip(second);
        for ((value, (first, second)), &slope) in values.iter_mut().zip(moments).zip(gradient) {
            *first = first_decay * *first + (1.0 - first_decay) * slope;
            *second = second_decay * *second + (1.0 - second_decay) * slope * slope;
            *value -= self.rate * *first / (second.sqrt() * self.root_scale + epsilon);
        }
    }
}

/// Adam over every value of a model.
#[derive(Debug, Clone)]
pub struct Adam {
    /// May change between steps.
    pub settings: AdamSettings,
    step: i32,
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
}

impl Adam {
    /// Moments of zero for the tensors of `model`.
    pub fn new(settings: AdamSettings, model: &impl Tensors) -> Self {
        let zeros: Vec<Vec<f32>> = model
            .tensors()
            .into_iter()
            .map(|tensor| vec![0.0; tensor.len()])
            .collect();
        Self {
            settings,
            step: 0,
            first: zeros.clone(),
            second: zeros,
        }
    }

    /// Moves `model` one step against `gradient`.
    pub fn step<M: Tensors>(&mut self, model: &mut M, gradient: &M) {
        self.step += 1;
        let update = self.settings.at(self.step);
        let tensors = model.tensors_mut().into_par_iter().zip(gradient.tensors());
        let moments = self.first.par_iter_mut().zip(&mut self.second);
        tensors
            .zip(moments)
            .for_each(|((values, gradient), (first, second))| {
                update.apply(values, first, second, gradient);
            });
    }
}

/// Table rows that one task updates: small enough to share the work evenly.
const ROWS_A_TASK: usize = 128;

/// Lazy Adam over a table `[V, E]`: rows that a batch does not touch keep their values and
/// moments; the bias corrections count all steps.
#[derive(Debug, Clone)]
pub struct RowAdam {
    /// May change between steps.
    pub settings: AdamSettings,
    step: i32,
    first: Matrix,
    second: Matrix,
    uses: Vec<Use>,
}

impl RowAdam {
    /// Moments of zero for a table of `rows` rows and `features` columns.
    pub fn new(settings: AdamSettings, rows: usize, features: usize) -> Self {
        Self {
            settings,
            step: 0,
            first: Matrix::zeros(rows, features),
            second: Matrix::zeros(rows, features),
            uses: Vec::new(),
        }
    }

    /// Moves the rows of `table` that `parts` name one step against the sum of their gradients.
    /// The result does not depend on the number of threads.
    pub fn step(&mut self, table: &mut Matrix, parts: &[TokenGradients<'_>]) {
        self.step += 1;
        sorted_uses(parts, &mut self.uses);
        let update = self.settings.at(self.step);
        let features = table.columns();
        let block = ROWS_A_TASK * features;
        let uses = &self.uses;
        let blocks = table.values_mut().par_chunks_mut(block);
        let moments = (self.first.values_mut().par_chunks_mut(block))
            .zip(self.second.values_mut().par_chunks_mut(block));
        blocks
            .zip(moments)
            .enumerate()
            .for_each(|(index, (values, (first, second)))| {
                let from = index * ROWS_A_TASK;
                let mut gradient = vec![0.0; features];
                for uses in
                    uses_between(uses, from, from + ROWS_A_TASK).chunk_by(|a, b| a.row == b.row)
                {
                    sum_uses(parts, uses, &mut gradient);
                    let start = (uses[0].row as usize - from) * features;
                    let row = start..start + features;
                    let (first, second) = (&mut first[row.clone()], &mut second[row.clone()]);
                    update.apply(&mut values[row], first, second, &gradient);
                }
            });
    }
}

fn uses_between(uses: &[Use], from: usize, to: usize) -> &[Use] {
    let start = uses.partition_point(|place| (place.row as usize) < from);
    let end = uses.partition_point(|place| (place.row as usize) < to);
    &uses[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::Linear;

    const SLOPES: [f32; 3] = [0.5, -0.25, 2.0];

    /// What PyTorch's `Adam([1.0], lr=0.1)` makes of [`SLOPES`].
    const EXPECTED: [f32; 3] = [0.900_000_04, 0.873_366_36, 0.806_301_6];

    const SETTINGS: AdamSettings = AdamSettings {
        rate: 0.1,
        first_decay: 0.9,
        second_decay: 0.999,
        epsilon: 1e-8,
    };

    #[test]
    fn values_follow_pytorch() {
        let mut model = Linear::zeros(1, 1);
        model.bias[0] = 1.0;
        let mut adam = Adam::new(SETTINGS, &model);
        for (slope, expected) in SLOPES.into_iter().zip(EXPECTED) {
            let mut gradient = Linear::zeros(1, 1);
            gradient.bias[0] = slope;
            adam.step(&mut model, &gradient);
            assert!((model.bias[0] - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn only_named_rows_move() {
        let mut table = Matrix::from_values(300, 1, vec![1.0; 300]);
        let mut adam = RowAdam::new(SETTINGS, 300, 1);
        for (slope, expected) in SLOPES.into_iter().zip(EXPECTED) {
            let halves = Matrix::from_values(3, 1, vec![slope / 2.0, 1.0, slope / 2.0]);
            let parts = [TokenGradients {
                tokens: &[200, 5, 200],
                values: &halves,
            }];
            adam.step(&mut table, &parts);
            assert!((table.row(200)[0] - expected).abs() < 1e-6);
        }
        let moved = (0..300).filter(|&row| table.row(row)[0] != 1.0);
        assert_eq!(moved.collect::<Vec<_>>(), [5, 200]);
    }
}

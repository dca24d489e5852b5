//! Rounding a map so that the numbers of a row make up for each other.
//!
//! They are rounded one after the other, those of the inputs that vary most first. What one loses, the numbers
//! after it take over, as far as their inputs go together with its own; what an output then loses on average
//! goes to its bias. Frantar, Ashkboos, Hoefler, Alistarh, "GPTQ: Accurate Post-Training Quantization for
//! Generative Pre-trained Transformers", ICLR 2023, section 3.

use super::{Levels, fitted_scale};
use crate::network::{Linear, Matrix};
use ndarray::{Array1, Array2};

/// Scales that are tried, as shares of the one that fits best without feedback.
const SHARES: [f32; 11] = [0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3];

/// Added to the variance of every input, as a share of their mean ("percdamp" of the paper's program).
const DAMPING: f64 = 0.01;

/// What the inputs of a map were like.
#[derive(Debug)]
pub(super) struct InputMoments {
    count: f64,
    /// `[I]`
    sums: Array1<f64>,
    /// `[I, I]`
    products: Array2<f64>,
}

/// How the inputs of a map go together. Their covariance is `U diag(variances) U^T`, with ones on the diagonal of U and
/// nothing below it, so rounding errors `e` cost `sum over k of variances[k] (e[k] + sum over i < k of U[i, k] e[i])^2`.
#[derive(Debug)]
struct Feedback {
    /// The inputs, the one that varies most first; the other fields follow this order.
    order: Vec<usize>,
    /// `[I]`
    means: Vec<f64>,
    /// `[I]`
    variances: Vec<f64>,
    /// U, `[I, I]`.
    shares: Array2<f64>,
}

impl InputMoments {
    /// Of no inputs yet, of `features` numbers each.
    pub(super) fn new(features: usize) -> Self {
        Self {
            count: 0.0,
            sums: Array1::zeros(features),
            products: Array2::zeros((features, features)),
        }
    }

    /// Adds the inputs `[T, I]`.
    pub(super) fn add(&mut self, inputs: &Matrix) {
        let inputs = inputs.view();
        self.count += inputs.nrows() as f64;
        for input in inputs.rows() {
            self.sums += &input.mapv(f64::from);
        }
        self.products += &inputs.t().dot(&inputs).mapv(f64::from);
    }

    fn feedback(&self) -> Feedback {
        let features = self.sums.len();
        let means = &self.sums / self.count;
        let covariance =
            |i: usize, j: usize| self.products[[i, j]] / self.count - means[i] * means[j];
        let trace: f64 = (0..features).map(|input| covariance(input, input)).sum();
        let mut order: Vec<usize> = (0..features).collect();
        order.sort_by(|&a, &b| covariance(b, b).total_cmp(&covariance(a, a)));
        let mut rest = Array2::from_shape_fn((features, features), |(i, j)| {
            covariance(order[i], order[j])
        });
        rest.diag_mut()
            .map_inplace(|variance| *variance += DAMPING * trace / features as f64);
        let mut shares = Array2::eye(features);
        let mut variances = vec![0.0; features];
        for last in (0..features).rev() {
            let variance = rest[[last, last]];
            variances[last] = variance;
            for i in 0..last {
                shares[[i, last]] = rest[[i, last]] / variance;
            }
            for i in 0..last {
                for j in 0..last {
                    rest[[i, j]] -= variance * shares[[i, last]] * shares[[j, last]];
                }
            }
        }
        Feedback {
            means: order.iter().map(|&input| means[input]).collect(),
            order,
            variances,
            shares,
        }
    }
}

impl Feedback {
    /// What `numbers`, in order, become on the grid of `scale`, and what that costs. None if the largest integer is
    /// not among them: such a row would not give the same scale again.
    fn round(&self, numbers: &[f64], scale: f64, levels: Levels) -> Option<(f64, Vec<f64>)> {
        let (mut cost, mut largest) = (0.0, 0.0f32);
        let mut aims = numbers.to_vec();
        let mut rounded = Vec::with_capacity(numbers.len());
        for (place, number) in numbers.iter().enumerate() {
            let integer = levels.round((aims[place] / scale) as f32);
            largest = largest.max(integer.abs());
            let made = f64::from(integer) * scale;
            cost += self.variances[place] * (aims[place] - made).powi(2);
            let shares = self.shares.row(place);
            for (aim, share) in aims.iter_mut().zip(shares).skip(place + 1) {
                *aim += share * (number - made);
            }
            rounded.push(made);
        }
        (largest == levels.largest()).then_some((cost, rounded))
    }
}

/// Puts every row of `map` on a grid of its own, which rounding to the nearest integers finds again.
///
/// A row stays as it is where no scale that was tried uses the largest integer.
pub(super) fn round_map(map: &mut Linear, inputs: &InputMoments, levels: Levels) {
    let feedback = inputs.feedback();
    for output in 0..map.bias.len() {
        let row = map.weight.row_mut(output);
        let numbers: Vec<f64> = feedback
            .order
            .iter()
            .map(|&input| f64::from(row[input]))
            .collect();
        let fitted = fitted_scale(row, levels);
        let tried = SHARES.map(|share| feedback.round(&numbers, f64::from(share * fitted), levels));
        let best = tried
            .into_iter()
            .flatten()
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, rounded)) = best else {
            continue;
        };
        let mut lost = 0.0;
        for (place, &input) in feedback.order.iter().enumerate() {
            row[input] = rounded[place] as f32;
            lost += (numbers[place] - rounded[place]) * feedback.means[place];
        }
        map.bias[output] += lost as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradient_check::noise;

    const LEVELS: Levels = Levels::Bits4;

    /// Inputs `[T, I]` that go together, with means, and a map of them.
    fn example() -> (Matrix, Linear) {
        let (tokens, features, outputs) = (500, 24, 10);
        let (causes, mixing) = (noise(1, tokens, 6), noise(2, 6, features));
        let mut inputs = noise(3, tokens, features);
        let mixed = causes.view().dot(&mixing.view());
        for (index, (input, mixed)) in inputs.values_mut().iter_mut().zip(&mixed).enumerate() {
            *input = 0.2 * *input + mixed + (index % features) as f32 / 20.0;
        }
        let mut map = Linear::zeros(features, outputs);
        map.weight = noise(4, outputs, features);
        (inputs, map)
    }

    fn nearest(map: &Linear) -> Linear {
        let mut map = map.clone();
        for output in 0..map.bias.len() {
            let row = map.weight.row_mut(output);
            let scale = fitted_scale(row, LEVELS);
            row.iter_mut()
                .for_each(|number| *number = scale * LEVELS.round(*number / scale));
        }
        map
    }

    /// Mean and mean square over tokens and outputs of what the outputs of two maps differ by.
    fn differences(inputs: &Matrix, one: &Linear, other: &Linear) -> (Vec<f64>, f64) {
        let (mut first, mut second) = (Matrix::default(), Matrix::default());
        one.forward(inputs, &mut first);
        other.forward(inputs, &mut second);
        let off = (&first.view() - &second.view()).mapv(f64::from);
        let means = off.sum_axis(ndarray::Axis(0)) / off.nrows() as f64;
        (
            means.to_vec(),
            off.map(|off| off * off).sum() / off.len() as f64,
        )
    }

    #[test]
    fn outputs_move_less_than_by_rounding_to_the_nearest_and_keep_their_means() {
        let (inputs, map) = example();
        let mut moments = InputMoments::new(inputs.columns());
        moments.add(&inputs);
        let mut rounded = map.clone();
        round_map(&mut rounded, &moments, LEVELS);
        let (means, made) = differences(&inputs, &map, &rounded);
        let (_, plain) = differences(&inputs, &map, &nearest(&map));
        assert!(made < 0.4 * plain, "{made} of {plain}");
        assert!(means.iter().all(|mean| mean.abs() < 1e-5), "{means:?}");
    }

    #[test]
    fn what_was_rounded_is_on_the_grid_that_rounding_finds() {
        let (inputs, mut map) = example();
        let mut moments = InputMoments::new(inputs.columns());
        moments.add(&inputs);
        round_map(&mut map, &moments, LEVELS);
        let again = nearest(&map);
        for (made, again) in map.weight.values().iter().zip(again.weight.values()) {
            assert!((made - again).abs() < 1e-5, "{made} becomes {again}");
        }
    }
}

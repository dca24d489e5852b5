//! Means with 95 % bootstrap intervals.

use super::Random;
use serde::Serialize;
use std::collections::BTreeMap;

/// Draws of the bootstrap.
const RESAMPLES: usize = 1_000;

/// A mean x 100 and the middle 95 % of its resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The mean.
    pub mean: f64,
    /// Its 2.5 % quantile.
    pub low: f64,
    /// Its 97.5 % quantile.
    pub high: f64,
}

/// The mean of values x 100, each with the family that it belongs to. Whole families are drawn, since
/// what is asked of one is alike; equal families see equal draws, so differences are paired.
pub fn measured(values: impl IntoIterator<Item = (usize, f64)>) -> Measured {
    let mut families = BTreeMap::<usize, (f64, usize)>::new();
    for (family, value) in values {
        let (sum, count) = families.entry(family).or_default();
        *sum += value;
        *count += 1;
    }
    let families: Vec<(f64, usize)> = families.into_values().collect();
    let mean = |drawn: &mut dyn Iterator<Item = (f64, usize)>| {
        let (sum, count) = drawn.fold((0.0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
        100.0 * sum / count.max(1) as f64
    };
    let mut random = Random::seeded(20_260_101);
    let mut draw = || {
        let drawn = (0..families.len()).map(|_| families[random.below(families.len())]);
        mean(&mut { drawn })
    };
    let mut means: Vec<f64> = (0..RESAMPLES).map(|_| draw()).collect();
    means.sort_by(f64::total_cmp);
    Measured {
        mean: mean(&mut families.iter().copied()),
        low: memt_eval::metrics::quantile(&means, 0.025),
        high: memt_eval::metrics::quantile(&means, 0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_the_mean() {
        let values = (0..100).map(|i| (i, f64::from(i % 4 == 0)));
        let Measured { mean, low, high } = measured(values);
        assert_eq!(mean, 25.0);
        assert!((10.0..25.0).contains(&low) && (25.0..40.0).contains(&high));
    }

    #[test]
    fn what_is_said_ten_times_is_no_surer() {
        let once = measured((0..20).map(|i| (i, f64::from(i % 4 == 0))));
        let often = measured((0..200).map(|i| (i % 20, f64::from(i % 4 == 0))));
        assert_eq!(once, often);
    }
}

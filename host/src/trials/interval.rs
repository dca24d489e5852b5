//! Means with 95 % bootstrap intervals.

use super::Random;

/// Draws of the bootstrap.
const RESAMPLES: usize = 1_000;

/// A mean x 100 and the middle 95 % of its resamples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The mean.
    pub mean: f64,
    /// Its 2.5 % quantile.
    pub low: f64,
    /// Its 97.5 % quantile.
    pub high: f64,
}

/// The mean of `values` x 100; equal numbers of values see equal draws, so differences are paired.
pub fn measured(values: &[f64]) -> Measured {
    let mean = |sum: f64| 100.0 * sum / values.len().max(1) as f64;
    let mut random = Random(20_260_101);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            mean(
                (0..values.len())
                    .map(|_| values[random.below(values.len())])
                    .sum(),
            )
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Measured {
        mean: mean(values.iter().sum()),
        low: memt_eval::metrics::quantile(&means, 0.025),
        high: memt_eval::metrics::quantile(&means, 0.975),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_the_mean() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i % 4 == 0)).collect();
        let Measured { mean, low, high } = measured(&values);
        assert_eq!(mean, 25.0);
        assert!((10.0..25.0).contains(&low) && (25.0..40.0).contains(&high));
    }
}

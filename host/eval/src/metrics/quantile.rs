//! Quantiles by linear interpolation, as `numpy.quantile` computes them.

/// The quantile at `fraction` (0..=1) of `ascending` values; NaN if there are none.
#[must_use]
pub fn quantile(ascending: &[f64], fraction: f64) -> f64 {
    if ascending.is_empty() {
        return f64::NAN;
    }
    let last = ascending.len() - 1;
    let place = last as f64 * fraction;
    let below = (place.floor() as usize).min(last);
    let low = ascending[below];
    let high = ascending[(below + 1).min(last)];
    between(low, high, high - low, place - below as f64)
}

/// Between `low` and `high`, which are `step` apart, from the nearer end, so that both ends are met exactly.
pub(super) fn between(low: f64, high: f64, step: f64, share: f64) -> f64 {
    if share >= 0.5 {
        high - step * (1.0 - share)
    } else {
        low + step * share
    }
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn agrees_with_numpy() {
        let values = [1.0, 2.0, 4.0, 8.0];
        assert!((quantile(&values, 0.025) - 1.075).abs() < 1e-15);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert!((quantile(&values, 0.975) - 7.7).abs() < 1e-14);
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 1.0), 8.0);
        assert!(quantile(&[], 0.5).is_nan());
    }
}

//! Accuracy of "score >= threshold" at the best of 401 thresholds.

use super::{order, quantile};

/// Thresholds are the quantiles 0, 1/400, ... 1 of the scores.
const STEPS: usize = 400;

/// The best accuracy of predicting `labels` `[N]` by `scores[i] >= threshold`, over 401 quantiles of the scores.
///
/// ```
/// let value = memt_eval::metrics::best_accuracy(&[0.9, 0.1], &[true, false]);
/// assert_eq!(value, Some(1.0));
/// ```
#[must_use]
pub fn best_accuracy(scores: &[f32], labels: &[bool]) -> Option<f64> {
    let ordered: Vec<(f32, bool)> = order::descending(scores)
        .into_iter()
        .map(|index| (scores[index], labels[index]))
        .collect();
    best_accuracy_of_ordered(&ordered)
}

/// [`best_accuracy`] of pairs that are in descending order of score already.
pub(crate) fn best_accuracy_of_ordered(descending: &[(f32, bool)]) -> Option<f64> {
    let count = descending.len();
    let last = count.checked_sub(1)?;
    let mut positives_above = Vec::with_capacity(count + 1);
    positives_above.push(0_usize);
    for (index, &(_, label)) in descending.iter().enumerate() {
        positives_above.push(positives_above[index] + usize::from(label));
    }
    let negatives = count - positives_above[count];
    (0..=STEPS)
        .map(|step| {
            let threshold = threshold(descending, last, step);
            let above = descending.partition_point(|&(score, _)| f64::from(score) >= threshold);
            let wrong_above = above - positives_above[above];
            positives_above[above] + negatives - wrong_above
        })
        .max()
        .map(|right| right as f64 / count as f64)
}

/// The quantile `step / 400`; the difference of neighbours is rounded to f32 first, as numpy does for f32 scores.
fn threshold(descending: &[(f32, bool)], last: usize, step: usize) -> f64 {
    let place = last as f64 * (step as f64 * (1.0 / STEPS as f64));
    let below = (place.floor() as usize).min(last);
    let low = descending[last - below].0;
    let high = descending[last - (below + 1).min(last)].0;
    let step = f64::from(high - low);
    quantile::between(f64::from(low), f64::from(high), step, place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::best_accuracy;

    #[test]
    fn agrees_with_the_reference() {
        let scores = [0.9, 0.8, 0.8, 0.7, 0.3, 0.1];
        let labels = [true, true, false, true, false, false];
        assert_eq!(best_accuracy(&scores, &labels), Some(5.0 / 6.0));
        assert_eq!(
            best_accuracy(&[0.5, 0.5, 0.5], &[false, false, true]),
            Some(1.0 / 3.0)
        );
        assert_eq!(best_accuracy(&[0.1, 0.9], &[true, false]), Some(0.5));
        assert_eq!(best_accuracy(&[], &[]), None);
    }
}

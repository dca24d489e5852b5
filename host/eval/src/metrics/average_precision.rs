//! Average precision: the mean, over the positives, of the precision at each one's place.

use super::order;

/// Average precision of one ranking whose positives stand at the ascending `positions` (from 0).
#[must_use]
pub fn average_precision_of_positions(positions: &[usize]) -> Option<f64> {
    let sum: f64 = positions
        .iter()
        .enumerate()
        .map(|(found, &place)| (found + 1) as f64 / (place + 1) as f64)
        .sum();
    (!positions.is_empty()).then(|| sum / positions.len() as f64)
}

/// Average precision of `labels` `[N]` ordered by `scores` `[N]`, descending, equal scores in the order given.
///
/// ```
/// let value = memt_eval::metrics::average_precision(&[0.2, 0.9], &[true, false]);
/// assert_eq!(value, Some(0.5));
/// ```
#[must_use]
pub fn average_precision(scores: &[f32], labels: &[bool]) -> Option<f64> {
    let ordered = order::descending(scores);
    average_precision_of_ordered(ordered.into_iter().map(|index| labels[index]))
}

/// Average precision of labels that are in order already, best first.
pub(crate) fn average_precision_of_ordered(labels: impl Iterator<Item = bool>) -> Option<f64> {
    let places: Vec<usize> = labels
        .enumerate()
        .filter_map(|(place, label)| label.then_some(place))
        .collect();
    average_precision_of_positions(&places)
}

#[cfg(test)]
mod tests {
    use super::{average_precision, average_precision_of_positions};

    #[test]
    fn agrees_with_the_reference() {
        let scores = [0.9, 0.8, 0.8, 0.8, 0.3, 0.1];
        let labels = [false, true, false, true, true, false];
        let value = average_precision(&scores, &labels).unwrap();
        assert!((value - 0.533_333_333_333_333_3).abs() < 1e-15, "{value}");
        let value = average_precision_of_positions(&[3, 4, 5]).unwrap();
        assert!((value - 0.383_333_333_333_333_3).abs() < 1e-15, "{value}");
    }

    #[test]
    fn without_positives_there_is_none() {
        assert_eq!(average_precision(&[0.9, 0.1], &[false, false]), None);
        assert_eq!(average_precision(&[], &[]), None);
    }
}

//! Recall at a depth.

/// Relevant documents among the best `depth`, divided by how many could be there: `min(relevant, depth)`.
///
/// `positions` are the ascending places (from 0) of all relevant documents, see [`positions`](super::positions).
#[must_use]
pub fn recall(positions: &[usize], depth: usize) -> Option<f64> {
    let possible = positions.len().min(depth);
    let found = positions.iter().filter(|&&place| place < depth).count();
    (possible > 0).then(|| found as f64 / possible as f64)
}

#[cfg(test)]
mod tests {
    use super::recall;

    #[test]
    fn agrees_with_the_reference() {
        assert_eq!(recall(&[3, 4, 5], 1), Some(0.0));
        assert_eq!(recall(&[3, 4, 5], 5), Some(2.0 / 3.0));
        assert_eq!(recall(&[3, 4, 5], 10), Some(1.0));
        assert_eq!(recall(&[11], 10), Some(0.0));
    }

    #[test]
    fn more_relevant_than_deep_can_still_be_full() {
        let all: Vec<usize> = (0..12).collect();
        assert_eq!(recall(&all, 1), Some(1.0));
        assert_eq!(recall(&all, 5), Some(1.0));
    }

    #[test]
    fn nothing_relevant_has_no_recall() {
        assert_eq!(recall(&[], 5), None);
    }
}

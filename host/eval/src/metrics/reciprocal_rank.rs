//! Reciprocal rank of the first relevant document.

/// `1 / rank` of the first relevant document, ranks from 1.
///
/// `positions` are ascending places from 0, see [`positions`](super::positions).
#[must_use]
pub fn reciprocal_rank(positions: &[usize]) -> Option<f64> {
    positions.first().map(|&place| 1.0 / (place + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::reciprocal_rank;

    #[test]
    fn agrees_with_the_reference() {
        assert_eq!(reciprocal_rank(&[3, 4, 5]), Some(0.25));
        assert_eq!(reciprocal_rank(&[11]), Some(0.083_333_333_333_333_33));
        assert_eq!(reciprocal_rank(&[]), None);
    }
}

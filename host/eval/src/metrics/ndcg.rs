//! Normalised discounted cumulative gain with gains 0 or 1.

/// DCG of the best `depth` over that of the best possible order; discount `1 / log2(place + 2)`, places from 0.
///
/// `positions` are the ascending places of all relevant documents, see [`positions`](super::positions).
#[must_use]
pub fn ndcg(positions: &[usize], depth: usize) -> Option<f64> {
    let possible = positions.len().min(depth);
    if possible == 0 {
        return None;
    }
    let gained: f64 = positions
        .iter()
        .take_while(|&&place| place < depth)
        .map(|&place| discount(place))
        .sum();
    let best: f64 = (0..possible).map(discount).sum();
    Some(gained / best)
}

fn discount(place: usize) -> f64 {
    1.0 / ((place + 2) as f64).log2()
}

#[cfg(test)]
mod tests {
    use super::ndcg;

    #[test]
    fn agrees_with_the_reference() {
        let value = ndcg(&[3, 4, 5], 10).unwrap();
        assert!((value - 0.550_809_594_004_102_6).abs() < 1e-15, "{value}");
        assert_eq!(ndcg(&[11], 10), Some(0.0));
        let all: Vec<usize> = (0..12).collect();
        assert_eq!(ndcg(&all, 10), Some(1.0));
        assert_eq!(ndcg(&[], 10), None);
    }
}

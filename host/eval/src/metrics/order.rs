//! Order by score: descending, equal scores in the order given.

/// Indices of `scores` `[N]`, best first; equal scores keep their order. Scores must be finite.
pub(crate) fn descending(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // Adding 0 turns -0 into 0, which `total_cmp` would otherwise put below it.
    order.sort_by(|&left, &right| (scores[right] + 0.0).total_cmp(&(scores[left] + 0.0)));
    order
}

/// Places (from 0, ascending) that the `relevant` indices take when `scores` `[N]` are ordered descending,
/// equal scores in the order given. Costs N comparisons a relevant index, no sort.
///
/// # Panics
/// If an index is not below N.
#[must_use]
pub fn positions(scores: &[f32], relevant: &[usize]) -> Vec<usize> {
    let mut places: Vec<usize> = relevant
        .iter()
        .map(|&index| {
            let (before, after) = scores.split_at(index);
            let score = after[0];
            let ahead = before.iter().filter(|&&other| other >= score).count();
            ahead + after.iter().filter(|&&other| other > score).count()
        })
        .collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::{descending, positions};

    #[test]
    fn equal_scores_keep_their_order() {
        let scores = [0.5, 0.9, 0.5, 0.5, 0.1, 0.7, 0.2];
        assert_eq!(descending(&scores), [1, 5, 0, 2, 3, 6, 4]);
        assert_eq!(positions(&scores, &[2, 3, 6]), [3, 4, 5]);
    }

    #[test]
    fn both_zeros_are_equal() {
        assert_eq!(descending(&[-0.0, 0.0, -0.0]), [0, 1, 2]);
        assert_eq!(positions(&[-0.0, 0.0, -0.0], &[1, 2]), [1, 2]);
    }
}

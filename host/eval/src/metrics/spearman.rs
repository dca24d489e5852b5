//! Spearman correlation: Pearson correlation of ranks, equal values taking the mean of their ranks.

/// Spearman correlation of two columns of equal length `[N]`.
///
/// `None` below two pairs or if one column is constant.
#[must_use]
pub fn spearman(left: &[f64], right: &[f64]) -> Option<f64> {
    WeightedSpearman::new(left, right).with_counts(&vec![1; left.len()])
}

/// Spearman correlation of the same pairs, each taken as often as a count says, without sorting again.
#[derive(Debug, Clone)]
pub struct WeightedSpearman {
    left: Levels,
    right: Levels,
}

impl WeightedSpearman {
    /// Sorts both columns `[N]` once. Values must be finite.
    #[must_use]
    pub fn new(left: &[f64], right: &[f64]) -> Self {
        Self {
            left: Levels::new(left),
            right: Levels::new(right),
        }
    }

    /// The correlation when pair `i` occurs `counts[i]` times, `[N]`; `None` as for [`spearman`].
    #[must_use]
    pub fn with_counts(&self, counts: &[u32]) -> Option<f64> {
        let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        let centre = (total as f64 - 1.0) / 2.0;
        let left = self.left.mean_ranks(counts);
        let right = self.right.mean_ranks(counts);
        let (mut covariance, mut left_variance, mut right_variance) = (0.0, 0.0, 0.0);
        for (index, &count) in counts.iter().enumerate() {
            let left = left[self.left.of[index]] - centre;
            let right = right[self.right.of[index]] - centre;
            let weight = f64::from(count);
            covariance += weight * left * right;
            left_variance += weight * left * left;
            right_variance += weight * right * right;
        }
        let scale = (left_variance * right_variance).sqrt();
        (total >= 2 && scale > 0.0).then(|| covariance / scale)
    }
}

/// Which of the distinct values, ascending, each entry of a column is.
#[derive(Debug, Clone)]
struct Levels {
    of: Vec<usize>,
    distinct: usize,
}

impl Levels {
    fn new(column: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..column.len()).collect();
        order.sort_by(|&left, &right| column[left].total_cmp(&column[right]));
        let mut of = vec![0; column.len()];
        let mut distinct = 0;
        for (place, &index) in order.iter().enumerate() {
            if place == 0 || column[index] != column[order[place - 1]] {
                distinct += 1;
            }
            of[index] = distinct - 1;
        }
        Self { of, distinct }
    }

    /// The mean rank (from 0) of each distinct value.
    fn mean_ranks(&self, counts: &[u32]) -> Vec<f64> {
        let mut totals = vec![0_u64; self.distinct];
        for (&level, &count) in self.of.iter().zip(counts) {
            totals[level] += u64::from(count);
        }
        let mut before = 0;
        totals
            .into_iter()
            .map(|total| {
                let first = before;
                before += total;
                first as f64 + (total as f64 - 1.0) / 2.0
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{WeightedSpearman, spearman};

    #[test]
    fn agrees_with_the_reference_under_ties() {
        let value = spearman(&[1.0, 2.0, 2.0, 3.0, 5.0], &[2.0, 1.0, 4.0, 4.0, 4.0]).unwrap();
        assert!((value - 0.630_893_268_144_044_9).abs() < 1e-14, "{value}");
        let left = [0.1, 0.4, 0.35, 0.8, 0.8, 0.2];
        let right = [0.0, 3.0, 1.0, 5.0, 4.0, 3.0];
        let value = spearman(&left, &right).unwrap();
        assert!((value - 0.882_352_941_176_470_6).abs() < 1e-14, "{value}");
    }

    #[test]
    fn a_constant_column_has_no_correlation() {
        assert_eq!(spearman(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(spearman(&[], &[]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
    }

    #[test]
    fn counts_stand_for_repeated_pairs() {
        let weighted = WeightedSpearman::new(&[3.0, 1.0, 2.0, 9.0], &[1.0, 2.0, 2.0, 5.0])
            .with_counts(&[2, 0, 3, 1])
            .unwrap();
        let repeated = spearman(
            &[3.0, 3.0, 2.0, 2.0, 2.0, 9.0],
            &[1.0, 1.0, 2.0, 2.0, 2.0, 5.0],
        )
        .unwrap();
        assert!((weighted - repeated).abs() < 1e-14, "{weighted} {repeated}");
    }
}

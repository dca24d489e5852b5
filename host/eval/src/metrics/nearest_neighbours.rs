//! Classification by a vote of the nearest neighbours.

/// The class that the `neighbours` best `scores` `[N]` vote for, each with its score as weight.
///
/// Equal scores: the earlier index is nearer. Equal votes: the class of the nearer neighbour wins.
/// `None` if there are no scores or no neighbours. (The reference takes numpy's unspecified choice among equal
/// scores at the border; both rules agree wherever scores differ.)
#[must_use]
pub fn nearest_label(scores: &[f32], labels: &[usize], neighbours: usize) -> Option<usize> {
    let mut votes: Vec<(usize, f32)> = Vec::with_capacity(neighbours);
    for index in nearest(scores, neighbours) {
        match votes.iter_mut().find(|(label, _)| *label == labels[index]) {
            Some((_, weight)) => *weight += scores[index],
            None => votes.push((labels[index], scores[index])),
        }
    }
    votes
        .into_iter()
        .reduce(|best, other| if other.1 > best.1 { other } else { best })
        .map(|(label, _)| label)
}

/// Indices of the best `count` scores, best first, the earlier of equals first.
fn nearest(scores: &[f32], count: usize) -> Vec<usize> {
    let mut best: Vec<usize> = Vec::with_capacity(count + 1);
    let mut border = f32::NEG_INFINITY;
    for (index, &score) in scores.iter().enumerate() {
        if best.len() == count && score <= border {
            continue;
        }
        let place = best.partition_point(|&other| scores[other] >= score);
        best.insert(place, index);
        best.truncate(count);
        border = best.last().map_or(border, |&worst| scores[worst]);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{nearest, nearest_label};

    #[test]
    fn the_nearest_are_ordered_and_stable() {
        let scores = [0.1, 0.7, 0.3, 0.7, 0.9, 0.3];
        assert_eq!(nearest(&scores, 4), [4, 1, 3, 2]);
        assert_eq!(nearest(&scores, 9), [4, 1, 3, 2, 5, 0]);
        assert!(nearest(&scores, 0).is_empty());
    }

    #[test]
    fn weights_decide_and_not_only_counts() {
        let scores = [0.95, 0.2, 0.3, 0.1, 0.2, 0.05];
        let labels = [7, 3, 3, 3, 3, 9];
        assert_eq!(nearest_label(&scores, &labels, 5), Some(7));
        assert_eq!(nearest_label(&[0.5, 0.3, 0.3], &[1, 2, 2], 5), Some(2));
    }

    #[test]
    fn an_equal_vote_goes_to_the_nearer() {
        assert_eq!(nearest_label(&[0.5, 0.5], &[4, 2], 5), Some(4));
        assert_eq!(nearest_label(&[], &[], 5), None);
    }
}

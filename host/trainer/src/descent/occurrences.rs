//! Where in a batch each row occurs.

use crate::vocabulary::Token;

/// The tokens of a batch sorted by row: a counting sort that keeps the order of texts, so that sums
/// of gradients do not depend on the number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Occurrences {
    /// `[N + 1]`: where the occurrences of each row begin.
    starts: Vec<u32>,
    /// Text or word of the batch and share.
    places: Vec<(u32, f32)>,
}

impl Occurrences {
    /// The occurrences in `texts`, which may as well be words.
    pub(crate) fn of<'t>(rows: usize, texts: impl Iterator<Item = &'t [Token]> + Clone) -> Self {
        let mut starts = vec![0u32; rows + 1];
        for token in texts.clone().flatten() {
            starts[token.row as usize + 1] += 1;
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut places = vec![(0, 0.0); starts[rows] as usize];
        for (index, tokens) in texts.enumerate() {
            for token in tokens {
                let place = &mut next[token.row as usize];
                places[*place as usize] = (index as u32, token.share);
                *place += 1;
            }
        }
        Self { starts, places }
    }

    /// The occurrences of a row, in the order of texts.
    pub(crate) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.places[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occurrences_are_grouped_in_order() {
        let token = |row, share| Token { row, share };
        let texts = [
            vec![token(2, 1.0), token(0, 0.5)],
            vec![],
            vec![token(2, 0.25)],
        ];
        let found = Occurrences::of(3, texts.iter().map(Vec::as_slice));
        assert_eq!(found.row(0), [(0, 0.5)]);
        assert_eq!(found.row(1), []);
        assert_eq!(found.row(2), [(0, 1.0), (2, 0.25)]);
    }
}

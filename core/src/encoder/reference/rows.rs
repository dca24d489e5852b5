//! From tokens to rows of floats.

use crate::encoder::weights::{FrontWeights, Table, TokenRows};
use crate::tokens::Token;

impl FrontWeights<'_, Table<'_>> {
    /// Adds what stands for a token to `sums` `[R]`: its row, or the mean of its n-grams' rows.
    pub(super) fn add_floats(&self, token: Token<'_>, sums: &mut [f32]) {
        match self.lookup.rows(token) {
            TokenRows::Own(row) => self.add_share(row, 1.0, sums),
            TokenRows::Mean(rows) => {
                let count = rows.clone().count();
                let share = 1.0 / count as f32;
                rows.for_each(|row| self.add_share(row, share, sums));
            }
        }
    }

    fn add_share(&self, row: usize, share: f32, sums: &mut [f32]) {
        let numbers = self.rows.floats(row, self.row_width);
        for (sum, number) in sums.iter_mut().zip(numbers) {
            *sum += share * number;
        }
    }
}

//! From words to sums of rows.

use super::ops::mean;
use super::weights::{IntegerTable, RowWeights};
use crate::text::Word;
use crate::tokens::{hash::spread, ngrams};

impl RowWeights<'_, IntegerTable<'_>> {
    /// Adds what stands for a word to `sums` `[R]`: its row, or the mean of its n-grams' rows, each
    /// number rounded; `spelled` `[R]` is working memory, zeros in a word without a row.
    pub(super) fn add_word(&self, word: Word<'_>, spelled: &mut [i32], sums: &mut [i32]) {
        if let Some(row) = self.vocabulary.row(word) {
            self.rows.add_row(row as usize, sums);
            return;
        }
        let mut count = 0;
        for ngram in ngrams(word) {
            let row = self.words + spread(ngram.0, self.ngrams);
            self.rows.add_row(row as usize, spelled);
            count += 1;
        }
        for (sum, &spelled) in sums.iter_mut().zip(spelled.iter()) {
            *sum += mean(spelled, count);
        }
    }
}

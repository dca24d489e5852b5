//! Made-up memories: any number of them, the same in every run.

use memt_core::embedding::{DIMENSIONS, Embedding};
use memt_eval::Random;

/// What one memory is made of.
pub(super) struct MadeUp(Random);

impl MadeUp {
    /// That of this number.
    pub(super) fn new(number: u64) -> Self {
        Self(Random::new(number))
    }

    /// A word; the n-th most frequent is about n times as rare as the first (Zipf).
    fn word(&mut self) -> String {
        const WORDS: f64 = 50_000.0;
        let mut rank = WORDS.powf(self.0.share()) as u64;
        let mut word = String::new();
        loop {
            word.push(char::from(b'a' + (rank % 26) as u8));
            word.push(char::from(b"aeiou"[(rank % 5) as usize]));
            rank /= 26;
            if rank == 0 {
                return word;
            }
        }
    }

    /// Nine words.
    pub(super) fn text(&mut self) -> String {
        let words: Vec<String> = (0..9).map(|_| self.word()).collect();
        words.join(" ")
    }

    /// A direction that leans to a common one, as those of texts do.
    pub(super) fn embedding(&mut self) -> Embedding {
        let mut sums = [0; DIMENSIONS];
        for (at, sum) in sums.iter_mut().enumerate() {
            let bytes = self.0.bits().to_le_bytes();
            let noise: i32 = bytes.iter().map(|&byte| i32::from(byte) - 128).sum();
            *sum = noise + 60 * ((at as i32 * 37) % 7 - 3);
        }
        Embedding::of_sums(&sums)
    }
}

//! From the tokens of a window to one vector.

use super::config::Pooling;
use super::ops::mean;

/// A pool that takes tokens `[W]` one after another.
pub(super) struct Pool<'s> {
    pooling: Pooling,
    /// `[W]`
    sums: &'s mut [i32],
    /// `[P]`
    out: &'s mut [i16],
}

impl<'s> Pool<'s> {
    /// An empty pool; `out` has `pooling.width(sums.len())` numbers.
    pub(super) fn new(pooling: Pooling, sums: &'s mut [i32], out: &'s mut [i16]) -> Self {
        sums.fill(0);
        out.fill(i16::MIN);
        Self { pooling, sums, out }
    }

    /// Takes a token.
    pub(super) fn add(&mut self, token: &[i16]) {
        for (sum, &value) in self.sums.iter_mut().zip(token) {
            *sum += i32::from(value);
        }
        for (largest, &value) in self.largest().iter_mut().zip(token) {
            *largest = (*largest).max(value);
        }
    }

    /// Writes the means of `tokens` tokens; the largest numbers are there already.
    pub(super) fn finish(self, tokens: usize) {
        if self.pooling == Pooling::Max {
            return;
        }
        for (out, &sum) in self.out.iter_mut().zip(self.sums.iter()) {
            *out = mean(sum, tokens as u32) as i16;
        }
    }

    /// Where the largest numbers go; nowhere if they are not wanted.
    fn largest(&mut self) -> &mut [i16] {
        match self.pooling {
            Pooling::Mean => &mut [],
            Pooling::Max => self.out,
            Pooling::MeanMax => &mut self.out[self.sums.len()..],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pooled(pooling: Pooling, out: &mut [i16]) {
        let mut sums = [9; 2];
        let mut pool = Pool::new(pooling, &mut sums, out);
        for token in [[-5, 7], [-6, 32767], [-4, -7]] {
            pool.add(&token);
        }
        pool.finish(3);
    }

    #[test]
    fn means_come_before_maxima() {
        let (mut one, mut both) = ([0; 2], [0; 4]);
        pooled(Pooling::Mean, &mut one);
        assert_eq!(one, [-5, 10_922]);
        pooled(Pooling::Max, &mut one);
        assert_eq!(one, [-4, 32767]);
        pooled(Pooling::MeanMax, &mut both);
        assert_eq!(both, [-5, 10_922, -4, 32767]);
    }
}

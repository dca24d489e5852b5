//! SplitMix64 (Steele, Lea, Flood 2014): a small generator whose streams depend on the seed alone.

/// Numbers that look random and are the same in every run.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The generator of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The generator of one resample: the same for the same seed, name and number.
    pub(crate) fn stream(seed: u64, name: &str, number: u64) -> Self {
        let mut state = Self(seed);
        for byte in name.bytes() {
            state.0 ^= u64::from(byte);
            state.0 = state.bits();
        }
        state.0 ^= number;
        Self(state.bits())
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// An index below `bound`; its bias is below bound / 2^64.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 to 1, which does not occur.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// How often each of `items` is drawn in `items` draws with replacement.
    pub(crate) fn resample(&mut self, items: usize) -> Vec<u32> {
        let mut counts = vec![0; items];
        for _ in 0..items {
            counts[self.below(items)] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    /// First outputs of the published reference for seed 1234567.
    #[test]
    fn agrees_with_the_reference() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_resample_draws_as_many_as_there_are() {
        let counts = Random::stream(1, "set", 0).resample(1_000);
        assert_eq!(counts.iter().sum::<u32>(), 1_000);
        let missed = counts.iter().filter(|&&count| count == 0).count();
        assert!(
            (320..420).contains(&missed),
            "{missed} of 1000, about 368 are due"
        );
        assert_ne!(counts, Random::stream(1, "set", 1).resample(1_000));
        assert_ne!(counts, Random::stream(1, "tes", 0).resample(1_000));
        assert_eq!(counts, Random::stream(1, "set", 0).resample(1_000));
    }
}

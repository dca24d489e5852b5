//! Random numbers that depend on a key alone, so that a resumed run needs no generator state.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// A generator for one purpose: equal keys give equal numbers.
    pub(crate) fn keyed(key: [u64; 3]) -> Self {
        let mut random = Self { state: 0 };
        for part in key {
            random.state ^= part;
            random.state = random.next();
        }
        random
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..range`.
    pub(crate) fn below(&mut self, range: usize) -> usize {
        ((u128::from(self.next()) * range as u128) >> 64) as usize
    }

    /// One of `items`, if there are any.
    pub(crate) fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        (!items.is_empty()).then(|| &items[self.below(items.len())])
    }

    /// Brings `items` into a random order (Fisher, Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A number of the normal distribution of deviation one: Irwin-Hall with twelve terms.
    pub(crate) fn normal(&mut self) -> f32 {
        (0..12).map(|_| 0.5 * self.signed()).sum()
    }

    /// A number in `[-1, 1)`.
    pub(crate) fn signed(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// Visits every index once an epoch, each epoch in an order of its own.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    seed: u64,
    purpose: u64,
    epoch: Option<u64>,
    indices: Vec<u32>,
}

impl Order {
    pub(crate) fn new(length: usize, seed: u64, purpose: u64) -> Self {
        Self {
            seed,
            purpose,
            epoch: None,
            indices: (0..length as u32).collect(),
        }
    }

    /// The indices at positions `start..start + count` of the endless sequence of epochs.
    pub(crate) fn take(&mut self, start: u64, count: usize) -> Vec<u32> {
        let length = self.indices.len() as u64;
        (start..start + count as u64)
            .map(|position| {
                self.enter(position / length);
                self.indices[(position % length) as usize]
            })
            .collect()
    }

    fn enter(&mut self, epoch: u64) {
        if self.epoch == Some(epoch) {
            return;
        }
        self.epoch = Some(epoch);
        self.indices = (0..self.indices.len() as u32).collect();
        Random::keyed([self.seed, self.purpose, epoch]).shuffle(&mut self.indices);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_visits_everything_once_and_can_be_entered_anywhere() {
        let mut order = Order::new(100, 7, 1);
        let all = order.take(0, 200);
        let mut first = all[..100].to_vec();
        first.sort_unstable();
        assert_eq!(first, (0..100).collect::<Vec<u32>>());
        assert_ne!(all[..100], all[100..]);
        assert_eq!(Order::new(100, 7, 1).take(90, 20), all[90..110]);
        assert_ne!(Order::new(100, 8, 1).take(0, 100), all[..100]);
    }
}

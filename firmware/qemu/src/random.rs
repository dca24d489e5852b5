//! Numbers without meaning, the same on every machine.

/// Marsaglia's xorshift with 32 bits.
#[derive(Clone, Copy, Debug)]
pub struct Random(u32);

impl Random {
    /// The sequence of a seed above 0.
    pub const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next number, from `-limit` to `limit`.
    pub fn within(&mut self, limit: u16) -> i16 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        let number = self.0 % (2 * u32::from(limit) + 1);
        (number as i32 - i32::from(limit)) as i16
    }
}

//! Checksums that tell whether bytes arrived whole and whether two machines computed the same.

/// CRC-32 (IEEE 802.3, reflected polynomial 0xEDB88320) of `bytes`, bit by bit.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut remainder = u32::MAX;
    for &byte in bytes {
        remainder ^= u32::from(byte);
        for _ in 0..8 {
            let carry = (remainder & 1).wrapping_neg();
            remainder = (remainder >> 1) ^ (0xedb8_8320 & carry);
        }
    }
    !remainder
}

/// FNV-1a with 64 bits, fed piece by piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fnv64(u64);

impl Fnv64 {
    /// The hash of no bytes.
    pub const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes at the end.
    pub fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// The hash of everything so far.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for Fnv64 {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Fnv64, crc32};

    #[test]
    fn checksums_match_their_published_test_vectors() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        let mut hash = Fnv64::new();
        hash.update(b"foo");
        hash.update(b"bar");
        assert_eq!(hash.value(), 0x8594_4171_f739_67e8);
    }
}

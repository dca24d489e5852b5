//! The one hash of characters, in streaming form: words of any length need no buffer.

/// A running 32-bit hash of code points: FNV-1a (Fowler, Noll, Vo) over whole code points instead
/// of bytes, closed by the 32-bit finaliser of MurmurHash3 (Appleby) so that all bits are usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CharacterHash {
    state: u32,
}

const FNV_OFFSET_32: u32 = 0x811c_9dc5;
const FNV_PRIME_32: u32 = 0x0100_0193;

impl CharacterHash {
    /// The hash of no characters.
    pub const fn new() -> Self {
        Self {
            state: FNV_OFFSET_32,
        }
    }

    /// Absorbs one character.
    #[inline]
    pub const fn push(&mut self, character: char) {
        self.state = (self.state ^ character as u32).wrapping_mul(FNV_PRIME_32);
    }

    /// The hash of everything absorbed so far.
    #[inline]
    pub const fn finish(self) -> u32 {
        let mut hash = self.state;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }

    /// The hash of `characters`.
    pub fn of(characters: impl Iterator<Item = char>) -> u32 {
        let mut hash = Self::new();
        characters.for_each(|character| hash.push(character));
        hash.finish()
    }
}

impl Default for CharacterHash {
    fn default() -> Self {
        Self::new()
    }
}

/// Maps a hash evenly to `0..range` by multiplication (Lemire, "Fast random integer generation in
/// an interval", 2019, section 3); `range` 0 gives 0.
#[inline]
pub const fn spread(hash: u32, range: u32) -> u32 {
    ((hash as u64 * range as u64) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        for (text, hash) in [
            ("", 0xab3e7c0b),
            ("boiler", 0xa7e7b88e),
            ("漢字", 0x36e4a745),
        ] {
            assert_eq!(CharacterHash::of(text.chars()), hash, "{text}");
        }
        assert_ne!(
            CharacterHash::of("ab".chars()),
            CharacterHash::of("ba".chars())
        );
    }

    #[test]
    fn spread_covers_its_range() {
        assert_eq!(spread(0, 100), 0);
        assert_eq!(spread(u32::MAX, 100), 99);
        assert_eq!(spread(1 << 31, 100), 50);
        assert_eq!(spread(12345, 0), 0);
    }
}

//! The compiler's Unicode tables, reduced to one number that every target must share.

use crate::checksum::Fnv64;

/// FNV-1a-64 over all code points in order, surrogates left out: the code points of `char::to_lowercase`, each as
/// four little-endian bytes, then one byte: 1 if `char::is_alphanumeric`, else 0.
pub fn tables_hash() -> u64 {
    let mut hash = Fnv64::new();
    for character in '\0'..=char::MAX {
        for lower in character.to_lowercase() {
            hash.update(&u32::from(lower).to_le_bytes());
        }
        hash.update(&[u8::from(character.is_alphanumeric())]);
    }
    hash.value()
}

#[cfg(test)]
mod tests {
    use super::tables_hash;

    /// Unicode 17.0, which rustc 1.95, 1.96 and 1.97 carry. A compiler with other tables would split words differently
    /// on the host and on a chip.
    #[test]
    fn tables_are_those_of_unicode_17() {
        assert_eq!(tables_hash(), 0x11ea_dadf_824d_318c);
    }
}

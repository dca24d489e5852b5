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

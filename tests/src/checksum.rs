//! The checksums of the formats and of golden files, written from their definitions.

/// FNV-1a, 64 bits, over bytes (Fowler, Noll, Vo).
pub fn fnv1a_64<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> u64 {
    parts
        .into_iter()
        .flatten()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

/// CRC-32/ISO-HDLC, a bit at a time.
pub fn crc32<'b>(parts: impl IntoIterator<Item = &'b [u8]>) -> u32 {
    let mut crc = u32::MAX;
    for &byte in parts.into_iter().flatten() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let polynomial = if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
            crc = (crc >> 1) ^ polynomial;
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_values_of_the_definitions() {
        assert_eq!(crc32([&b"123456789"[..]]), 0xcbf4_3926);
        assert_eq!(fnv1a_64([&b"foo"[..], b"bar"]), 0x8594_4171_f739_67e8);
    }
}

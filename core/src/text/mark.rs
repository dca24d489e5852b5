//! Code points that continue a word without being letters or digits.
//!
//! They are the marks of Unicode (`General_Category` Mn, Mc, Me: accents, vowel signs, variation selectors, keycaps) and
//! the two joiners U+200C and U+200D. Marks that Rust's `char::is_alphanumeric` also accepts (most vowel signs) are in
//! the table too: so the answer is the same whichever Unicode version the compiler's own tables have.
//!
//! Source: Unicode 18.0, package `unicodedata2` 18.0.0. The table is the output of
//!
//! ```python
//! import unicodedata2 as u
//! ranges = []
//! for c in range(0x110000):
//!     if u.category(chr(c))[0] == "M" or c in (0x200C, 0x200D):
//!         if ranges and c == ranges[-1][1] + 1: ranges[-1][1] = c
//!         else: ranges.append([c, c])
//! print(", ".join(f"0x{first << 8 | last - first:08x}" for first, last in ranges))
//! ```

/// First code point with a mark; everything below is answered without the table.
const FIRST_MARK: char = '\u{300}';

/// True when `c` continues the word before it although it is neither a letter nor a digit: a mark or a joiner.
pub fn is_mark(c: char) -> bool {
    if c < FIRST_MARK {
        return false;
    }
    let code = u32::from(c);
    let after = MARKS.partition_point(|&range| first(range) <= code);
    MARKS[..after]
        .last()
        .is_some_and(|&range| code <= last(range))
}

/// First code point of a packed range: the upper 24 bits.
const fn first(range: u32) -> u32 {
    range >> 8
}

/// Last code point of a packed range: the lower 8 bits say how many follow the first.
const fn last(range: u32) -> u32 {
    first(range) + (range & 0xff)
}

/// Ranges in ascending order, packed by [`first`] and [`last`] to four bytes each.
static MARKS: [u32; 334] = [
    0x0003006f, 0x00048306, 0x0005912c, 0x0005bf00, 0x0005c101, 0x0005c401, 0x0005c702, 0x0006100a,
    0x00064b14, 0x00067000, 0x0006d606, 0x0006df05, 0x0006e701, 0x0006ea03, 0x00071100, 0x0007301a,
    0x0007a60a, 0x0007eb08, 0x0007fd00, 0x00081603, 0x00081b08, 0x00082502, 0x00082904, 0x00085902,
    0x00089708, 0x0008ca17, 0x0008e320, 0x00093a02, 0x00093e11, 0x00095106, 0x00096201, 0x00098102,
    0x0009bc00, 0x0009be06, 0x0009c701, 0x0009cb02, 0x0009d700, 0x0009e201, 0x0009fe00, 0x000a0102,
    0x000a3c00, 0x000a3e04, 0x000a4701, 0x000a4b02, 0x000a5100, 0x000a7001, 0x000a7500, 0x000a8102,
    0x000abc00, 0x000abe07, 0x000ac702, 0x000acb02, 0x000ae201, 0x000afa05, 0x000b0102, 0x000b3c00,
    0x000b3e06, 0x000b4701, 0x000b4b02, 0x000b5304, 0x000b6201, 0x000b8200, 0x000bbe04, 0x000bc602,
    0x000bca03, 0x000bd700, 0x000c0004, 0x000c3c00, 0x000c3e06, 0x000c4602, 0x000c4a03, 0x000c5501,
    0x000c6201, 0x000c8102, 0x000cbc00, 0x000cbe06, 0x000cc602, 0x000cca03, 0x000cd501, 0x000ce201,
    0x000cf300, 0x000d0003, 0x000d3b01, 0x000d3e06, 0x000d4602, 0x000d4a03, 0x000d5700, 0x000d6201,
    0x000d8102, 0x000dca00, 0x000dcf05, 0x000dd600, 0x000dd807, 0x000df201, 0x000e3100, 0x000e3406,
    0x000e4707, 0x000eb100, 0x000eb408, 0x000ec806, 0x000f1801, 0x000f3500, 0x000f3700, 0x000f3900,
    0x000f3e01, 0x000f7113, 0x000f8601, 0x000f8d0a, 0x000f9923, 0x000fc600, 0x00102b13, 0x00105603,
    0x00105e02, 0x00106202, 0x00106706, 0x00107103, 0x0010820b, 0x00108f00, 0x00109a03, 0x00135d02,
    0x00171203, 0x00173202, 0x00175201, 0x00177201, 0x0017b41f, 0x0017dd00, 0x00180b02, 0x00180f00,
    0x00188501, 0x0018a900, 0x0019200b, 0x0019300b, 0x001a1704, 0x001a5509, 0x001a601c, 0x001a7f00,
    0x001ab040, 0x001b0004, 0x001b3410, 0x001b6b08, 0x001b8002, 0x001ba10c, 0x001be60d, 0x001c2413,
    0x001cd002, 0x001cd414, 0x001ced00, 0x001cf400, 0x001cf702, 0x001dc03f, 0x00200c01, 0x0020d020,
    0x002cef02, 0x002d7f00, 0x002de01f, 0x00302a05, 0x00309901, 0x00a66f03, 0x00a67409, 0x00a69e01,
    0x00a6f001, 0x00a80200, 0x00a80600, 0x00a80b00, 0x00a82304, 0x00a82c00, 0x00a88001, 0x00a8b411,
    0x00a8e011, 0x00a8ff00, 0x00a92607, 0x00a9470c, 0x00a98003, 0x00a9b30d, 0x00a9e500, 0x00aa290d,
    0x00aa4300, 0x00aa4c01, 0x00aa7b02, 0x00aab000, 0x00aab202, 0x00aab701, 0x00aabe01, 0x00aac100,
    0x00aaeb04, 0x00aaf501, 0x00abe307, 0x00abec01, 0x00fb1e00, 0x00fe000f, 0x00fe200f, 0x0101fd00,
    0x0102e000, 0x01037604, 0x010a0102, 0x010a0501, 0x010a0c03, 0x010a3802, 0x010a3f00, 0x010ae501,
    0x010d2403, 0x010d6904, 0x010eab01, 0x010ecb04, 0x010ef00f, 0x010f460a, 0x010f8203, 0x01100002,
    0x0110380e, 0x01107000, 0x01107301, 0x01107f03, 0x0110b00a, 0x0110c200, 0x01110002, 0x0111270d,
    0x01114501, 0x01117300, 0x01118002, 0x0111b30d, 0x0111c903, 0x0111ce01, 0x01122c0b, 0x01123e00,
    0x01124100, 0x0112df0b, 0x01130003, 0x01133b01, 0x01133e06, 0x01134701, 0x01134b02, 0x01135700,
    0x01136201, 0x01136606, 0x01137004, 0x0113b808, 0x0113c200, 0x0113c500, 0x0113c703, 0x0113cc04,
    0x0113d200, 0x0113e101, 0x01143511, 0x01145e00, 0x0114b013, 0x0115af06, 0x0115b808, 0x0115dc01,
    0x01163010, 0x0116ab0c, 0x01171d0e, 0x01182c0e, 0x01193005, 0x01193701, 0x01193b03, 0x01194000,
    0x01194201, 0x0119d106, 0x0119da06, 0x0119e400, 0x011a0109, 0x011a3306, 0x011a3b03, 0x011a4700,
    0x011a510a, 0x011a8a0f, 0x011b6007, 0x011c2f07, 0x011c3807, 0x011c9215, 0x011ca90d, 0x011d3105,
    0x011d3a00, 0x011d3c01, 0x011d3f06, 0x011d4700, 0x011d8a04, 0x011d9001, 0x011d9304, 0x011df000,
    0x011ef303, 0x011f0001, 0x011f0300, 0x011f3406, 0x011f3e04, 0x011f5a00, 0x01344000, 0x0134470e,
    0x01611e11, 0x016af004, 0x016b3006, 0x016f4f00, 0x016f5136, 0x016f8f03, 0x016fe400, 0x016ff001,
    0x01bc9d01, 0x01cf002d, 0x01cf3016, 0x01d12701, 0x01d16504, 0x01d16d05, 0x01d17b07, 0x01d18506,
    0x01d1aa03, 0x01d24202, 0x01d25002, 0x01d25b01, 0x01d25f00, 0x01d28001, 0x01da0036, 0x01da3b31,
    0x01da7500, 0x01da8400, 0x01da9b04, 0x01daa10e, 0x01e00006, 0x01e00810, 0x01e01b06, 0x01e02301,
    0x01e02604, 0x01e08f00, 0x01e13006, 0x01e2ae00, 0x01e2ec03, 0x01e4ec03, 0x01e5ee01, 0x01e6e300,
    0x01e6e600, 0x01e6ee01, 0x01e6f500, 0x01e8d006, 0x01e94406, 0x0e0100ef,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_joiners_continue_a_word() {
        for c in [
            '\u{300}',
            '\u{301}',
            '\u{36f}',
            '\u{483}',
            '\u{5bf}',
            '\u{93c}',
            '\u{94d}',
            '\u{e31}',
            '\u{e48}',
            '\u{200c}',
            '\u{200d}',
            '\u{20e3}',
            '\u{3099}',
            '\u{fe0e}',
            '\u{fe0f}',
            '\u{e0100}',
            '\u{e01ef}',
        ] {
            assert!(is_mark(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn letters_digits_spaces_and_symbols_do_not() {
        for c in [
            'a',
            '7',
            ' ',
            '\'',
            '\u{0}',
            '\u{7f}',
            'é',
            '\u{2ff}',
            '\u{370}',
            'я',
            '\u{e01}',
            '\u{200b}',
            '\u{200e}',
            '\u{2028}',
            '中',
            '\u{1f3fb}',
            '\u{1f600}',
            '\u{e01f0}',
            char::MAX,
        ] {
            assert!(!is_mark(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_table_is_sorted_and_its_ranges_do_not_touch() {
        for pair in MARKS.windows(2) {
            assert!(
                last(pair[0]) + 1 < first(pair[1]),
                "U+{:04X} and U+{:04X}",
                first(pair[0]),
                first(pair[1])
            );
        }
        assert_eq!(first(MARKS[0]), u32::from(FIRST_MARK));
    }

    #[test]
    fn unicode_18_has_2580_marks_and_two_joiners() {
        let counted = (char::MIN..=char::MAX).filter(|&c| is_mark(c)).count();
        assert_eq!(counted, 2582);
    }
}

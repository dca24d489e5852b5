//! Plain terms: lower case, runs of ASCII letters and digits, hashed.

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The terms of a text in order, repeats included: 64-bit FNV-1a of each run of `[a-z0-9]+` of the lower-cased text.
///
/// ```
/// use memt_eval::lexical::plain_terms;
/// assert_eq!(plain_terms("It's 5!"), plain_terms("it S 5"));
/// ```
#[must_use]
pub fn plain_terms(text: &str) -> Vec<u64> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(hash)
        .collect()
}

fn hash(word: &str) -> u64 {
    word.bytes().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::plain_terms;

    #[test]
    fn terms_are_hashes_of_lower_case_runs() {
        assert_eq!(
            plain_terms("A-foobar a"),
            [
                0xaf63_dc4c_8601_ec8c,
                0x8594_4171_f739_67e8,
                0xaf63_dc4c_8601_ec8c
            ]
        );
        assert_eq!(plain_terms("caf\u{e9}s"), plain_terms("caf s"));
        assert!(plain_terms("?! \u{4f60}").is_empty());
    }
}

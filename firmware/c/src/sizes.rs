//! How large the bank is. The environment variables of the same names change these when the library is built; C code
//! that is compiled against another size defines the same macros.

/// Memories that a bank holds.
pub const MEMT_SLOTS: usize = size(option_env!("MEMT_SLOTS"), 128);

/// Bytes of the longest text.
pub const MEMT_TEXT_BYTES: usize = size(option_env!("MEMT_TEXT_BYTES"), 200);

/// Distinct terms of a text.
pub const MEMT_TERMS: usize = size(option_env!("MEMT_TERMS"), 32);

/// Bytes that an encoding works in.
pub const MEMT_SCRATCH_BYTES: usize = size(option_env!("MEMT_SCRATCH_BYTES"), 20_480);

/// Hits that one question can have.
pub const MEMT_HITS_MAX: usize = 16;

/// Bytes of a memory besides its text and terms: a bound.
pub const MEMT_SLOT_EXTRA_BYTES: usize = 176;

/// Bytes of a term.
pub const MEMT_TERM_BYTES: usize = 5;

/// Bytes besides slots and scratch: a bound.
pub const MEMT_FIXED_BYTES: usize = 3072;

/// Bytes that the macro of the same name gives to the caller: never less than is needed, and at most 5 % more.
pub const MEMT_MEMORY_BYTES: usize = MEMT_SCRATCH_BYTES
    + MEMT_SLOTS * (MEMT_TEXT_BYTES + MEMT_TERMS * MEMT_TERM_BYTES + MEMT_SLOT_EXTRA_BYTES)
    + MEMT_FIXED_BYTES;

/// The number that an environment variable gives, or the usual one.
const fn size(given: Option<&str>, usual: usize) -> usize {
    let Some(given) = given else {
        return usual;
    };
    match usize::from_str_radix(given, 10) {
        Ok(0) | Err(_) => panic!(
            "MEMT_SLOTS, MEMT_TEXT_BYTES, MEMT_TERMS and MEMT_SCRATCH_BYTES are numbers above 0"
        ),
        Ok(number) => number,
    }
}

//! Reads any bytes as a snapshot and imports it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    memt_tests::attack::snapshot(bytes);
});

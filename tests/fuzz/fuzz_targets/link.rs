//! Reads any bytes as a frame of the link and as a message in one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    memt_tests::attack::frame(bytes);
});

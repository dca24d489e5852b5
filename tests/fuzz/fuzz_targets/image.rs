//! Opens any bytes as a model image and encodes with what opens.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    memt_tests::attack::image(bytes);
});

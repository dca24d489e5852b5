//! Cuts any text into words, n-grams and terms.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| memt_tests::attack::text(text));

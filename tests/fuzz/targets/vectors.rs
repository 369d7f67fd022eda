#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| nagalm_tests::hostile::vectors(bytes));

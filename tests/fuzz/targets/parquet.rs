#![no_main]

libfuzzer_sys::fuzz_target!(
    // A fuzzer ends at every panic; those of the reader of Parquet are contained, and all others end it all the same.
    init: std::panic::set_hook(Box::new(|_| {})),
    |bytes: &[u8]| nagalm_tests::hostile::parquet(bytes)
);

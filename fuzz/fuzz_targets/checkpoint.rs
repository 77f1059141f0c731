//! A checkpoint: refused, or gone on with to finite values or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::checkpoint(bytes));

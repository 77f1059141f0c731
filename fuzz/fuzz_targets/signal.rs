//! A signal from a CSV file: refused, or in order of time.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::signal(bytes));

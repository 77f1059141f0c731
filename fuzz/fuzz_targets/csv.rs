//! A table of samples: refused, or as many finite numbers as it has cells.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::csv(bytes));

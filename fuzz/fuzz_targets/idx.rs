//! An IDX file, plain or packed: refused, or as many bytes as its header says.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::idx(bytes));

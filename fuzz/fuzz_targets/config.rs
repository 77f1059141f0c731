//! A configuration: refused in clear words, or the same when it is written out and read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::config(bytes));

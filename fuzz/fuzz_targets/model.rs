//! A synapse model in DiffSL: refused in clear words, or typeset.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| synaptode::fuzzing::model(bytes));

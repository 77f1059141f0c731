//! Experiments: read from TOML, validated, ready to build.

pub mod experiment;
pub mod wire;

pub use experiment::Experiment;

//! All integration tests, linked as one program.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod agreement;
mod cli;
mod compare;
mod configs;
mod data;
mod discrete;
mod events;
mod identities;
mod mirror;
mod models;
mod properties;
mod support;
mod traps;

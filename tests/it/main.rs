//! All integration tests, linked as one program.
// Tables of reference values are copied as they come; a plain integration reads best in one piece.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unreadable_literal,
    clippy::too_many_lines,
    missing_docs
)]

mod agreement;
mod any_config;
mod cli;
mod compare;
mod configs;
mod data;
mod discrete;
mod events;
mod extremes;
mod faded;
#[cfg(unix)]
mod hostile;
mod identities;
mod identity;
mod idle;
mod memory;
mod mirror;
#[cfg(feature = "models")]
mod models;
mod program;
mod properties;
mod resume;
mod runs;
mod start;
mod support;
mod traps;
mod trust;

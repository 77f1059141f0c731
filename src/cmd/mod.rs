//! One file a subcommand.

pub mod check;
pub mod compare;
pub mod completions;
pub mod init;
mod interrupt;
mod memory;
#[cfg(feature = "models")]
pub mod models;
pub mod plot;
mod progress;
pub mod run;
pub mod verify;

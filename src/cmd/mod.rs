//! One file a subcommand.

pub mod check;
pub mod compare;
pub mod completions;
pub mod init;
mod interrupt;
pub mod plot;
mod progress;
pub mod run;
pub mod verify;

//! `completions`: prints a completion script for a shell.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::{Cli, Completions};

/// Prints the script to `out`.
///
/// # Errors
/// Where `out` can't be written.
pub fn run(args: &Completions, out: &mut impl Write) -> anyhow::Result<()> {
    // The generator panics where it can't write, as into a closed pipe: so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "synaptode", &mut script);
    Ok(out.write_all(&script)?)
}

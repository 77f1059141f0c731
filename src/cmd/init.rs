//! `init`: prints a complete, commented configuration to start from.

use std::io::Write;

use crate::cli::{Init, Template};
use crate::config::templates;

/// Prints the template to `out`.
///
/// # Errors
/// Where `out` can't be written.
pub fn run(args: &Init, out: &mut impl Write) -> anyhow::Result<()> {
    let text = match args.template {
        Template::Network => templates::NETWORK,
        Template::Synapse => templates::SYNAPSE,
    };
    Ok(out.write_all(text.as_bytes())?)
}

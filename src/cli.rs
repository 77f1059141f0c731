//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  synaptode init > my.toml             start from a complete, commented configuration
  synaptode check my.toml              validate it; show what it takes
  synaptode run my.toml                run it, into output/NAME
  synaptode run my.toml --set synapse.eta=0.02 --output output/fast
  synaptode plot output/network output/fast --output compared

Times are in seconds. The README has the equations, the keys and the files of a run.";

/// Simulates synaptic dynamics as ordinary differential equations: momentum, adaptive gain and weight symmetry.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXAMPLES, max_term_width = 110, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much to say.
    #[command(flatten)]
    pub verbosity: Verbosity,
}

/// How much to say.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Verbosity {
    /// Say nothing but errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log what is done; twice for details, three times for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run an experiment: solve, record, draw.
    Run(Run),
    /// Validate configurations; show sizes and the equivalent discrete Adam.
    Check(Check),
    /// Draw the figures of finished runs again, or overlay several; never solves.
    Plot(Plot),
    /// Print a complete, commented configuration to start from.
    Init(Init),
    /// Print a completion script for a shell.
    Completions(Completions),
}

const RUN_EXAMPLES: &str = "\
Examples:
  synaptode run configs/digits.toml
  synaptode run configs/digits.toml --set feedback.mode=symmetric --output output/symmetric
  synaptode run configs/digits.toml --seed 1 --output output/digits-1 --verify
  synaptode run output/digits/config.toml --output output/again";

/// `run`
#[derive(Args, Debug)]
#[command(after_help = RUN_EXAMPLES)]
pub struct Run {
    /// The experiment, a TOML file.
    pub config: PathBuf,
    /// Keys to override.
    #[command(flatten)]
    pub overrides: Overrides,
    /// The run directory; output/NAME, with the configuration's name, if left out.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Seed of every random choice; overrides the configuration's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Replace the run that is in the run directory.
    #[arg(short, long)]
    pub force: bool,
    /// Fail unless the results lie within the configuration's \[expect\].
    #[arg(long)]
    pub verify: bool,
}

/// Keys to override.
#[derive(Args, Clone, Debug, Default)]
pub struct Overrides {
    /// Override a key, as in `synapse.eta=0.02`, `network.layers=[64,10]` or `expect={}`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub sets: Vec<String>,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  synaptode check configs/*.toml
  synaptode check configs/digits.toml --set network.layers=[64,100,10]

Every file is checked; the exit status is 1 if any is refused.";

/// `check`
#[derive(Args, Debug)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct Check {
    /// The experiments, TOML files.
    #[arg(required = true, value_name = "CONFIG")]
    pub configs: Vec<PathBuf>,
    /// Keys to override in each.
    #[command(flatten)]
    pub overrides: Overrides,
}

const PLOT_EXAMPLES: &str = "\
Examples:
  synaptode plot output/digits                                       into output/digits/figures/
  synaptode plot output/digits output/digits-fixed --output compared";

/// `plot`
#[derive(Args, Debug)]
#[command(after_help = PLOT_EXAMPLES)]
pub struct Plot {
    /// The run directories: one to draw its figures again, several to overlay them.
    #[arg(required = true, value_name = "RUN_DIR")]
    pub runs: Vec<PathBuf>,
    /// Where the figures go; figures/ in the first run directory if left out.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

const INIT_EXAMPLES: &str = "\
Examples:
  synaptode init > my.toml
  synaptode init synapse > synapse.toml";

/// `init`
#[derive(Args, Debug)]
#[command(after_help = INIT_EXAMPLES)]
pub struct Init {
    /// What to start from.
    #[arg(value_enum, default_value_t)]
    pub template: Template,
}

/// What to start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// A network that learns a stream of samples.
    #[default]
    Network,
    /// Single synapses under a gradient signal.
    Synapse,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  synaptode completions bash > ~/.local/share/bash-completion/completions/synaptode
  synaptode completions zsh > ~/.zfunc/_synaptode
  synaptode completions fish > ~/.config/fish/completions/synaptode.fish";

/// `completions`
#[derive(Args, Debug)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// The shell.
    pub shell: clap_complete::Shell,
}

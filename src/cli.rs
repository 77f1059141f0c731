//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config;

const EXAMPLES: &str = "\
Examples:
  synaptode init > my.toml             start from a complete, commented configuration
  synaptode check my.toml              validate it; show what it takes
  synaptode run my.toml                run it, into output/NAME
  synaptode run my.toml --set synapse.eta=0.02 --output output/fast
  synaptode plot output/network output/fast --output compared
  synaptode compare my.toml --vary feedback.mode=fixed,predisposition --vary seed=0..4

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
    /// Run a finished run again and say whether the results are the same to the byte, or how far apart.
    Verify(Verify),
    /// Draw the figures of finished runs again, or overlay several; never solves.
    Plot(Plot),
    /// Run variations of an experiment over seeds side by side; tables, paired differences, figures.
    Compare(Compare),
    /// List, show and check synapse models written as text.
    #[cfg(feature = "models")]
    Models(Models),
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
  synaptode run output/digits/config.toml --output output/again
  synaptode run configs/mnist.toml --max-time 8h      exit status 3 if there is more to do; then
  synaptode run output/mnist --resume

Ctrl-C and SIGTERM end a run at the next breakpoint with a checkpoint and exit status 3; once more ends it at once.";

/// `run`
#[derive(Args, Debug)]
#[command(after_help = RUN_EXAMPLES)]
pub struct Run {
    /// The experiment, a TOML file (with --resume also its run directory).
    pub config: PathBuf,
    /// Keys to override.
    #[command(flatten)]
    pub overrides: Overrides,
    /// The run directory; output/NAME, with the configuration's name, if left out.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Seed of every random choice; overrides the configuration's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Replace the run that is in the run directory.
    #[arg(short, long)]
    pub force: bool,
    /// Go on with the run in the run directory, from its newest checkpoint, to the same bytes as if it had never ended
    /// early; from the beginning if it has none. CONFIG may be the run directory itself.
    #[arg(short, long, conflicts_with = "force")]
    pub resume: bool,
    /// End early, with a checkpoint, before so much time has passed on the wall: 90s, 30m, 2h, "1h 30m".
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub max_time: Option<Duration>,
    /// Fail unless the results lie within the configuration's `[expect]`.
    #[arg(long)]
    pub verify: bool,
}

/// Keys to override.
#[derive(Args, Clone, Debug, Default)]
pub struct Overrides {
    /// Override a key, as in `synapse.eta=0.02`, `network.layers=[64,10]` or `expect={}`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = set)]
    pub sets: Vec<String>,
}

/// An override as it is, if it is one.
fn set(text: &str) -> Result<String, String> {
    match config::parts(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("{}: {}", error.reason, error.remedy)),
    }
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

const VERIFY_EXAMPLES: &str = "\
Examples:
  synaptode verify output/digits

The run is done again beside its files, in RUN_DIR/verify/, which is removed after. The exit status is 0 if every \
byte is the same, and 1 otherwise. Other processors may round differently in method \"exponential\": see docs/reliability.md.";

/// `verify`
#[derive(Args, Debug)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct Verify {
    /// The directory of a finished run.
    #[arg(value_name = "RUN_DIR")]
    pub run: PathBuf,
    /// Keep the second run.
    #[arg(long)]
    pub keep: bool,
}

const PLOT_EXAMPLES: &str = "\
Examples:
  synaptode plot output/digits                                       into output/digits/figures/
  synaptode plot output/digits output/digits-fixed --output compared
  synaptode plot output/compare-digits                               the figures of a comparison";

/// `plot`
#[derive(Args, Debug)]
#[command(after_help = PLOT_EXAMPLES)]
pub struct Plot {
    /// The run directories: one to draw its figures again, several to overlay them; or a comparison's directory.
    #[arg(required = true, value_name = "RUN_DIR")]
    pub runs: Vec<PathBuf>,
    /// Where the figures go; figures/ in the run directory, or output/overlay for several, if left out.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  synaptode compare configs/digits.toml --vary feedback.mode=fixed,predisposition --vary seed=0..4
  synaptode compare configs/digits.toml --vary 'network.layers=[64,32,10],[64,10]' --output output/depth
  synaptode compare one.toml other.toml --set stream.epochs=2 --vary seed=0..2
  synaptode compare output/digits output/digits-fixed --output output/modes

Each run is a run directory within the comparison's, named by its variation, such as `synapse.eta=0.02,seed=3`. \
Finished runs are not run again, so that seeds or values can be added. The first variation is the one that the \
others are compared with. The exit status is 1 if any run failed; the others are compared all the same.";

/// `compare`
#[derive(Args, Debug)]
#[command(after_help = COMPARE_EXAMPLES)]
pub struct Compare {
    /// Configurations to run, and directories of finished runs.
    #[arg(required = true, value_name = "CONFIG|RUN_DIR")]
    pub inputs: Vec<PathBuf>,
    /// Vary a key over values between commas (those within brackets and quotes do not count), or over whole numbers
    /// `a..b` from a to b, both included: `seed=0..4` are five seeds. Several keys combine in every way.
    #[arg(long, value_name = "KEY=VALUES")]
    pub vary: Vec<String>,
    /// Keys to override in each configuration.
    #[command(flatten)]
    pub overrides: Overrides,
    /// The comparison's directory; output/compare-NAME, after the first input, if left out.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How many runs go on at the same time; as many as the machine has processors if left out.
    #[arg(short, long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Run again what is finished, and replace runs of other configurations.
    #[arg(short, long)]
    pub force: bool,
}

const MODELS_EXAMPLES: &str = "\
Examples:
  synaptode models list
  synaptode models show oja
  synaptode models show oja --source > my_synapse.ds
  synaptode models check my_synapse.ds

A model is a file of DiffSL text for one synapse, or the name of one that ships. A configuration uses it with \
`model = \"my_synapse.ds\"` in [synapse].";

/// `models`
#[derive(Args, Debug)]
#[command(after_help = MODELS_EXAMPLES)]
pub struct Models {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ModelsCommand,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models that ship.
    List,
    /// Print equations, symbols with units and values, citation, and what each equation reads.
    Show {
        /// Names of models that ship, or files.
        #[arg(required = true, value_name = "MODEL")]
        models: Vec<String>,
        /// Print the text itself, to start a model of your own from.
        #[arg(long)]
        source: bool,
    },
    /// Compile a model, let it run under several inputs; say whether it stays finite, how stiff it is and where it rests.
    Check {
        /// Names of models that ship, or files.
        #[arg(required = true, value_name = "MODEL")]
        models: Vec<String>,
    },
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

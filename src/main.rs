//! The command line program: see `synaptode --help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use synaptode::cli::{Cli, Command, Verbosity};
use synaptode::cmd;

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_logging(cli.verbosity);
    match dispatch(&cli, &mut io::stdout().lock(), &mut io::stderr()) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody can be told, the exit status still tells.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(cli: &Cli, out: &mut impl Write, err: &mut impl Write) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Run(args) => return Ok(cmd::run::run(args, cli.verbosity.quiet, out)?.into()),
        Command::Check(args) => cmd::check::run(args, cli.verbosity.quiet, out, err),
        Command::Verify(args) => cmd::verify::run(args, cli.verbosity.quiet, out),
        Command::Plot(args) => cmd::plot::run(args, cli.verbosity.quiet, out),
        Command::Compare(args) => cmd::compare::run(args, cli.verbosity.quiet, out, err),
        #[cfg(feature = "models")]
        Command::Models(args) => cmd::models::run(&args.command, out),
        Command::Init(args) => cmd::init::run(args, out),
        Command::Completions(args) => cmd::completions::run(args, out),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// Whether whoever reads the output has seen enough, as `head` has: no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Warnings unless that is too much; more for each `-v`.
fn start_logging(Verbosity { quiet, verbose }: Verbosity) {
    let level = match verbose {
        0 if quiet => "error",
        0 => "warn",
        1 => "synaptode=info",
        2 => "debug",
        _ => "trace",
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level)).init();
}

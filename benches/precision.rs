//! Work against precision: time a presentation against the error of every variable, for the exponential engine in each
//! of its orders and for tsit45.
//!
//! `cargo bench --bench precision -- [IDX_DIR]`: 64-32-10 on the built-in digits, and 784-256-10 on MNIST's IDX files in
//! that folder, or, without one, on generated samples of the same sparsity. Prints a table a network, and writes
//! `precision-<layers>.csv` and `.png` to `--out`.
//!
//! Errors are the largest over all synapses, relative to the variable's largest value, at the end. The reference is order 4
//! at `rtol = 1e-11`; how far it is from what tsit45 gives at 1e-10, which shares no code with it, is printed too.
//! The time is the mean over the presentations of each one's least time in all rounds.

#![allow(clippy::expect_used)]

mod common;

use std::path::{Path, PathBuf};

use clap::Parser;
use common::{Least, Problem, Solved, VARIABLES};
use synaptode::config::wire::Figures;
use synaptode::figure::frame::Quantity;
use synaptode::figure::legend::Entry;
use synaptode::figure::panel::{Panel, Scale, Series, Stack};
use synaptode::figure::style::{Color, Stroke};
use synaptode::solver::exponential::{Order, Precision};
use synaptode::solver::{ExponentialSpec, Method, SolverOptions};

/// Work against precision.
#[derive(Parser)]
struct Arguments {
    /// Folder of MNIST's IDX files; without it, generated samples
    idx: Option<PathBuf>,
    /// Folder for the CSV files and figures
    #[arg(long, default_value = "output/bench")]
    out: PathBuf,
    /// Only networks whose layers begin so, such as 64
    #[arg(long, default_value = "")]
    only: String,
    /// Rounds of which the least time counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Threads of the exponential engine
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Carries silent inputs' synapses along at every step
    #[arg(long)]
    dense: bool,
    /// Presentations to 64-32-10
    #[arg(long, default_value_t = 100)]
    digits: usize,
    /// Presentations to 784-256-10
    #[arg(long, default_value_t = 20)]
    mnist: usize,
    /// What cargo says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// The methods and what the figure calls them.
const METHODS: [(&str, Option<Order>); 4] = [
    ("order 2", Some(Order::Two)),
    ("order 3", Some(Order::Three)),
    ("order 4", Some(Order::Four)),
    ("tsit45", None),
];
/// Relative tolerances.
const TOLERANCES: [f64; 7] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];
/// A method that has taken so many seconds at a tolerance sits the other rounds out.
const BUDGET: f64 = 20.0;

/// One method at one tolerance.
struct Case {
    method: &'static str,
    options: SolverOptions,
    least: Least,
    spent: f64,
    last: Option<Solved>,
}

impl Case {
    fn run(&mut self, problem: &Problem) {
        if self.spent > BUDGET {
            return;
        }
        let solved = problem.solve(&self.options);
        self.least.take(&solved.times);
        self.spent += solved.times.iter().sum::<f64>();
        self.last = Some(solved);
    }
}

/// What a case came to.
struct Row {
    method: &'static str,
    rtol: f64,
    ms: f64,
    steps: f64,
    rejected: f64,
    errors: [f64; 4],
}

fn main() {
    let arguments = Arguments::parse();
    for layers in [[64, 32, 10], [784, 256, 10]] {
        let samples = match layers[0] {
            64 => common::digits(arguments.digits),
            _ => common::mnist(arguments.idx.as_deref(), arguments.mnist),
        };
        let problem = Problem::new(&layers, samples);
        if problem.name().starts_with(&arguments.only) {
            let rows = measure(&problem, &arguments);
            let path = arguments.out.join(format!("precision-{}", problem.name()));
            print(&problem, &rows);
            write(&rows, &path.with_extension("csv"));
            let canvas = figure(&problem, &rows).draw(&Figures { height: 800, ..Figures::default() });
            canvas.and_then(|canvas| canvas.save(&path.with_extension("png"))).expect("a figure");
        }
    }
}

fn measure(problem: &Problem, arguments: &Arguments) -> Vec<Row> {
    let spec = |order| ExponentialSpec {
        order,
        precision: Precision::F64,
        threads: arguments.threads,
        skip_silent: !arguments.dense,
    };
    let options = |order: Option<Order>, rtol| match order {
        Some(order) => common::options(Method::Exponential, rtol, spec(order)),
        None => common::options(Method::Tsit45, rtol, ExponentialSpec::default()),
    };
    let dense = ExponentialSpec { skip_silent: false, ..spec(Order::Four) };
    let exact = problem.solve(&common::options(Method::Exponential, 1e-11, dense)).state;
    let other = problem.solve(&options(None, 1e-10)).state;
    let apart = VARIABLES.iter().zip(problem.errors(&other, &exact));
    let apart =
        apart.map(|(variable, error)| format!("{variable} {error:.1e}")).collect::<Vec<_>>().join(", ");
    println!("\n{}: order 4 at 1e-11 and tsit45 at 1e-10 differ in {apart}", problem.name());

    let all = METHODS.iter().flat_map(|method| TOLERANCES.map(|rtol| (method, rtol)));
    let case = |((method, order), rtol): (&(&'static str, Option<Order>), f64)| Case {
        method,
        options: options(*order, rtol),
        least: Least::default(),
        spent: 0.0,
        last: None,
    };
    let mut cases: Vec<Case> = all.map(case).collect();
    for _ in 0..arguments.rounds {
        for case in &mut cases {
            case.run(problem);
        }
    }
    let presentations = problem.samples.len() as f64;
    let row = |case: &Case| {
        let Solved { state, statistics, .. } = case.last.as_ref()?;
        Some(Row {
            method: case.method,
            rtol: case.options.rtol,
            ms: 1e3 * case.least.mean(),
            steps: statistics.steps as f64 / presentations,
            rejected: statistics.rejected as f64 / presentations,
            errors: problem.errors(state, &exact),
        })
    };
    cases.iter().filter_map(row).collect()
}

fn print(problem: &Problem, rows: &[Row]) {
    println!("\n{}, {} presentations, mean of each", problem.name(), problem.samples.len());
    println!("\n| method | rtol | ms | steps | rejected | error of w | m | rho | b |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for Row { method, rtol, ms, steps, rejected, errors: [w, m, rho, b] } in rows {
        println!(
            "| {method} | {rtol:e} | {ms:.4} | {steps:.2} | {rejected:.2} | {w:.1e} | {m:.1e} | {rho:.1e} | {b:.1e} |"
        );
    }
}

fn write(rows: &[Row], path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    let mut table = csv::Writer::from_path(path).expect("a file");
    let mut line = |fields: &[String]| table.write_record(fields).expect("a line");
    let names = ["method", "rtol", "ms", "steps", "rejected"].map(str::to_owned);
    let errors = VARIABLES.map(|variable| format!("error_{variable}"));
    line(&[&names[..], &errors[..]].concat());
    for Row { method, rtol, ms, steps, rejected, errors } in rows {
        let mut fields = vec![(*method).to_owned()];
        fields.extend([rtol, ms, steps, rejected].into_iter().chain(errors).map(ToString::to_string));
        line(&fields);
    }
}

/// Error of each variable against time, one line a method, one dot a tolerance.
fn figure(problem: &Problem, rows: &[Row]) -> Stack {
    let stroke = |index: usize| Stroke::solid(Color::series(index));
    let panel = |variable: usize| {
        let series = METHODS.iter().enumerate().flat_map(|(index, (method, _))| {
            let of_method = rows.iter().filter(|row| row.method == *method);
            let points: Vec<_> = of_method.map(|row| (row.ms, row.errors[variable])).collect();
            // A point that stands alone is a dot.
            let dots = points.iter().flat_map(|point| [*point, (f64::NAN, f64::NAN)]).collect();
            let dot = Stroke { width: 1.8 * stroke(index).width, ..stroke(index) };
            [Series { points, stroke: stroke(index) }, Series { points: dots, stroke: dot }]
        });
        let name = if VARIABLES[variable] == "rho" { "ρ" } else { VARIABLES[variable] };
        Panel::new(Quantity::new(format!("error of *{name}*"), ""), Scale::LogBeyond(1.0), series.collect())
    };
    let entries = METHODS.iter().enumerate().map(|(index, (method, _))| Entry::new(*method, stroke(index)));
    Stack {
        title: format!("Error against time, {}", problem.name()),
        x: Quantity::new("time a presentation", "ms"),
        log_x: true,
        legend: vec![entries.collect()],
        panels: (0..VARIABLES.len()).filter_map(panel).collect(),
        marks: Vec::new(),
    }
}

//! The runner for people who work on Shuke: `cargo xtask demo`, `web`, `test`, `bench` and
//! `tidy`.
//!
//! It depends on no crate of the workspace, so it builds in seconds and still runs while they do
//! not build. It installs what a task is missing or says exactly what to install; no task leaves
//! a step out in silence.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a runner for people: it reads the environment and the clock, and it talks"
)]

mod bench;
mod demo;
mod postgres;
mod proc;
mod setup;
mod test;
mod tidy;
mod web;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Runs the tasks of the Shuke repository")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build Shuke, make up an export and a shop, show who their customers are, and serve them
    Demo(demo::Options),
    /// Run every test, on SQLite and on a PostgreSQL cluster of its own
    Test(test::Options),
    /// Measure Shuke beside its peers and write docs/benchmarks.md
    Bench(bench::Options),
    /// Build the console into web/dist, from where the binary takes it
    Web(web::Options),
    /// Check what neither the compiler nor clippy checks
    Tidy(tidy::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = proc::watch_signals().and_then(|()| match &cli.task {
        Task::Demo(options) => demo::run(options),
        Task::Test(options) => test::run(options),
        Task::Bench(options) => bench::run(options),
        Task::Web(options) => web::run(options),
        Task::Tidy(options) => tidy::run(options),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            eprintln!("{fail}");
            ExitCode::FAILURE
        }
    }
}

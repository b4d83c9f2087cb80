//! The binary: the only place that knows the clock, the environment and the command line.

mod cli;
mod command;
mod console;
mod place;
mod text;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of a worker: plans of long queries recurse deeply.
const STACK_BYTES: usize = 8 << 20;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("SHUKE_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return console::refuse(&error.into()),
    };
    let done = runtime.block_on(command::run(cli));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => console::refuse(&error),
    }
}

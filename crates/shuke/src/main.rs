//! The binary: the only place that knows the clock, the environment and the command line.

mod cli;
mod command;
mod console;
mod lang;
mod place;
mod text;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Stack of a worker: plans of long queries recurse deeply.
const STACK_BYTES: usize = 8 << 20;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let locale = lang::of_locale(place::variable);
    let lang = match lang::asked(&args, place::variable) {
        Ok(asked) => asked.unwrap_or(locale),
        Err(error) => {
            let set = lang::asked(&[], place::variable).ok().flatten();
            return console::refuse(set.unwrap_or(locale), &error);
        }
    };
    let cli = match usage::read(lang, &args) {
        Ok(Some(cli)) => cli,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => return console::refuse(lang, &error),
    };
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
        Err(error) => return console::refuse(lang, &error.into()),
    };
    let done = runtime.block_on(command::run(cli, lang));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => console::refuse(lang, &error),
    }
}

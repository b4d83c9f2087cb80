//! The binary: the only place that knows the clock, the environment and the command line.

mod auth;
mod backup;
mod cli;
mod command;
mod config;
mod confine;
mod console;
mod erased;
mod http;
mod lang;
mod logs;
mod place;
mod quota;
mod text;
mod upload;
mod usage;
mod view;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;

use base::Result;

use crate::cli::{Cli, Command};
use crate::place::QUERY_BYTES_MAX;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Stack of a worker: plans of long queries recurse deeply.
const STACK_BYTES: usize = 8 << 20;
/// Tasks that a worker goes on with before it looks who else has come: a burst of one shop's large
/// batches would else keep another's small request unseen.
const POLLS_MAX: u32 = 4;
/// Threads for work that takes the processor or waits for the disk. Each keeps memory for itself.
const BLOCKING_MAX: usize = 8;
/// Bytes of memory of a query's process: the engine's, the answer's, and room for stacks and for
/// a value that is being made.
const QUERY_MEMORY_MAX: usize = 3 * QUERY_BYTES_MAX;

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
    let read =
        config::read(&args, place::variable).and_then(|file| usage::read(lang, &args, &file));
    let cli = match read {
        Ok(Some(cli)) => cli,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => return console::refuse(lang, &error),
    };
    match logs::begin(&cli.logs).and_then(|traces| Ok((traces, prepare(&cli, &args)?))) {
        Ok((_, Some(done))) => done,
        Ok((traces, None)) => {
            let done = run(cli, lang);
            traces.end();
            done
        }
        Err(error) => console::refuse(lang, &error),
    }
}

fn run(cli: Cli, lang: lang::Lang) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(POLLS_MAX)
        .thread_stack_size(STACK_BYTES)
        .max_blocking_threads(BLOCKING_MAX)
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

/// Sets the process up for its command; an exit code when another process has done the work.
fn prepare(cli: &Cli, args: &[OsString]) -> Result<Option<ExitCode>> {
    match &cli.command {
        Command::Query(_) => confine::within(QUERY_MEMORY_MAX, args),
        Command::Import(_) | Command::Demo(_) => {
            confine::small_pages();
            Ok(None)
        }
        _ => Ok(None),
    }
}

//! What the operating system holds this process to.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, Stdio};

use base::{Code, Error, Result};
use rustix::process::{Resource, Rlimit, Signal};

use crate::place;

/// Set for a process that is to confine itself.
const CONFINED: &str = "SHUKE_CONFINED";

/// The niceness of threads for which nobody waits.
const GIVES_WAY: i32 = 10;

/// Has memory come in small pages. An import touches much of it once: with huge pages it takes a
/// fifth more memory and a tenth more time.
pub(crate) fn small_pages() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!("memory keeps its huge pages: {cause}");
    }
}

/// Lets others go before this thread and those that it starts.
pub(crate) fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::setpriority_process(None, GIVES_WAY) {
        tracing::debug!("a thread has the priority of the others: {cause}");
    }
}

/// Has `args`, this process's own, run by a process that gets `bytes` of memory beyond what it
/// starts with, and gives its exit code; in that process it gives nothing, and the caller goes on.
///
/// The query engine counts the memory of what it keeps, not that of a single value being made,
/// and a value can be of any size. Memory that the system refuses ends a process.
///
/// # Errors
/// [`Code::TooLarge`] when the process ran out of its memory.
pub(crate) fn within(bytes: usize, args: &[OsString]) -> Result<Option<ExitCode>> {
    if place::variable(CONFINED).is_some() {
        confine(bytes)?;
        return Ok(None);
    }
    let mut command = Command::new(std::env::current_exe()?);
    command.args(args.iter().skip(1)).env(CONFINED, "1").stderr(Stdio::piped());
    let done = command.spawn()?.wait_with_output()?;
    match (done.status.code(), done.status.signal()) {
        (_, Some(signal)) if signal == Signal::ABORT.as_raw() => {
            Err(lake::query::too_much_memory(bytes).because(last_words(&done.stderr)))
        }
        (Some(code), _) => {
            io::stderr().write_all(&done.stderr)?;
            Ok(Some(ExitCode::from(u8::try_from(code).unwrap_or(1))))
        }
        (None, signal) => {
            let message = format!("the query was stopped by signal {}", signal.unwrap_or_default());
            Err(Error::new(Code::Internal, message))
        }
    }
}

fn confine(bytes: usize) -> Result<()> {
    let most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    rustix::process::setrlimit(Resource::Core, most(0)).map_err(io::Error::from)?;
    #[cfg(target_os = "linux")]
    {
        // Nobody would read the answer.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
            .map_err(io::Error::from)?;
        let bytes = taken()?.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        rustix::process::setrlimit(Resource::Data, most(bytes)).map_err(io::Error::from)?;
    }
    Ok(())
}

/// Bytes of memory that this process may write to, in use or not.
#[cfg(target_os = "linux")]
fn taken() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB"));
    let kilobytes = kilobytes.and_then(|number| number.trim().parse::<u64>().ok());
    Ok(kilobytes.ok_or_else(|| Error::damaged("/proc/self/status has no VmData"))? << 10)
}

/// What a process said before it died, as a cause.
fn last_words(said: &[u8]) -> io::Error {
    io::Error::other(String::from_utf8_lossy(said).trim().to_owned())
}

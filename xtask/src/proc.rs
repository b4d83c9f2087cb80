//! Running other programs, and stopping them when somebody stops us.
//!
//! Ctrl-C and SIGTERM do not end this process: they end the program it waits for, the failure
//! travels up, and every guard on the way (a database cluster, a temporary folder) is dropped.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Pause between two looks at a running program.
const POLL: Duration = Duration::from_millis(10);

/// How long a program may take to end by itself after Ctrl-C, which the terminal sends to it too.
const INTERRUPT_GRACE: Duration = Duration::from_secs(10);

/// Why a task ended: what is wrong and what to do about it, for a person.
#[derive(Debug)]
pub(crate) struct Fail(String);

/// The result of every step of a task.
pub(crate) type Outcome<T = ()> = Result<T, Fail>;

impl Fail {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names the thing that an I/O error happened to.
pub(crate) trait About<T> {
    /// Turns the error into `what: error`.
    fn about(self, what: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> About<T> for Result<T, E> {
    fn about(self, what: impl fmt::Display) -> Outcome<T> {
        self.map_err(|cause| Fail(format!("{what}: {cause}")))
    }
}

/// The number of the last signal that asked us to stop; 0 is none.
fn asked() -> &'static Arc<AtomicUsize> {
    static ASKED: OnceLock<Arc<AtomicUsize>> = OnceLock::new();
    ASKED.get_or_init(Arc::default)
}

/// From here on the signals that ask a process to stop are noted instead of obeyed at once.
pub(crate) fn watch_signals() -> Outcome {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let number = usize::try_from(signal).about("signal number")?;
        signal_hook::flag::register_usize(signal, Arc::clone(asked()), number)
            .about("cannot watch for signals")?;
    }
    Ok(())
}

/// Fails if somebody asked us to stop.
pub(crate) fn check_stop() -> Outcome {
    match asked().load(Ordering::Relaxed) {
        0 => Ok(()),
        _ => {
            Err(Fail::new("stopped on request; everything that was started is being cleared away"))
        }
    }
}

/// Runs `command` to its end with our own input and output; fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let child = command.spawn().about(shown(command))?;
    let status = wait(child, |_| ())?;
    succeeded(command, status, "")
}

/// Runs `command` with our own input and output until it ends or somebody asks us to stop, which is
/// how a server is meant to end.
pub(crate) fn serve(command: &mut Command) -> Outcome {
    let child = command.spawn().about(shown(command))?;
    match wait(child, |_| ()) {
        Err(_) if check_stop().is_err() => Ok(()),
        ended => succeeded(command, ended?, ""),
    }
}

/// Runs `command` to its end and gives what it wrote to standard output.
pub(crate) fn read(command: &mut Command) -> Outcome<String> {
    let output = output(command)?;
    succeeded(command, output.status, &String::from_utf8_lossy(&output.stderr))?;
    String::from_utf8(output.stdout).about(format!("{}: not UTF-8", shown(command)))
}

/// Runs `command` to its end, whatever its status, and gives all it wrote.
pub(crate) fn output(command: &mut Command) -> Outcome<Output> {
    let output = command.stdin(Stdio::null()).output().about(shown(command))?;
    check_stop()?;
    Ok(output)
}

/// Whether `command` can be run and succeeds; its output is not shown.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Waits for `child`, calling `look` with its process id at every poll.
pub(crate) fn wait(mut child: Child, mut look: impl FnMut(u32)) -> Outcome<ExitStatus> {
    let mut since: Option<Instant> = None;
    loop {
        look(child.id());
        if let Some(status) = child.try_wait().about("waiting for a program")? {
            check_stop()?;
            return Ok(status);
        }
        if check_stop().is_err() {
            let first = since.is_none();
            let waited = since.get_or_insert_with(Instant::now).elapsed();
            let by_terminal = usize::try_from(SIGINT) == Ok(asked().load(Ordering::Relaxed));
            if waited > INTERRUPT_GRACE || (first && !by_terminal) {
                terminate(&child);
            }
        }
        std::thread::sleep(POLL);
    }
}

/// Sends SIGTERM; a program that has just ended is no error.
fn terminate(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ended_meanwhile = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

fn succeeded(command: &Command, status: ExitStatus, said: &str) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(Fail(format!("{} ended with {status}\n{}", shown(command), said.trim()).trim().to_owned()))
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The repository and the folder that cargo builds into.
pub(crate) struct Places {
    /// Root of the workspace.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Places {
    /// Asks cargo.
    pub(crate) fn find() -> Outcome<Self> {
        // Checkouts that share a target folder share this program too, so the place where it was
        // compiled only serves when cargo does not say where it runs.
        let here = std::env::var_os("CARGO_MANIFEST_DIR");
        let metadata = cargo_metadata::MetadataCommand::new()
            .current_dir(here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()))
            .no_deps()
            .exec()
            .about("cargo metadata")?;
        Ok(Self {
            root: metadata.workspace_root.into_std_path_buf(),
            target: metadata.target_directory.into_std_path_buf(),
        })
    }

    /// A `cargo` command in the repository.
    pub(crate) fn cargo(&self, words: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        // `cargo run` tells us about our own package. Build scripts watch these variables (ring's
        // does), so handing them on would rebuild half the tree at every change of hands.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(describes_a_package) {
                command.env_remove(name);
            }
        }
        command.args(words).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// Whether cargo sets an environment variable for the package that it runs.
fn describes_a_package(name: &str) -> bool {
    let families = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CRATE_", "CARGO_BIN_"];
    families.iter().any(|family| name.starts_with(family)) || name == "CARGO_PRIMARY_PACKAGE"
}

/// Removes a folder that may not be there.
pub(crate) fn remove_folder(folder: &Path) -> Outcome {
    match std::fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
            Err(Fail(format!("{}: {cause}", folder.display())))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_not_told_about_our_own_package() {
        for (name, ours) in [
            ("CARGO_PKG_VERSION_PRE", true),
            ("CARGO_MANIFEST_DIR", true),
            ("CARGO_HOME", false),
            ("CARGO_INCREMENTAL", false),
        ] {
            assert_eq!(describes_a_package(name), ours, "{name}");
        }
    }

    #[test]
    fn a_program_that_fails_is_named_with_what_it_said() {
        let mut command = Command::new("sh");
        let fail = read(command.args(["-c", "echo no >&2; exit 3"])).expect_err("exit 3");
        let text = fail.to_string();
        assert!(text.contains("sh -c") && text.contains('3') && text.ends_with("no"), "{text}");
        assert!(run(&mut Command::new("surely-no-such-program")).is_err());
    }
}

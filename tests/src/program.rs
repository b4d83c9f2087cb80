//! The program from outside.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::Home;

/// The program on SQLite, in English whatever the environment says.
///
/// # Panics
/// When it is not beside the tests.
#[must_use]
pub fn shuke() -> Command {
    let mut command = Command::new(program());
    command.env_remove("SHUKE_DATABASE").env("SHUKE_LANG", "en");
    command
}

/// The program on a home's database, under the home's key.
///
/// # Panics
/// When it is not beside the tests.
#[must_use]
pub fn shuke_at(home: &Home) -> Command {
    let mut command = shuke();
    command.env("SHUKE_MASTER_KEY", "42".repeat(32));
    if let Some(address) = &home.address {
        command.env("SHUKE_DATABASE", address);
    }
    command
}

fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("a running test has a path");
    while path.pop() {
        let program = path.join("shuke");
        if program.is_file() {
            return program;
        }
    }
    panic!("the program is not built: run the tests by `cargo xtask test`");
}

/// Runs the program on the data in `dir`, under a key that is always the same.
///
/// # Panics
/// When no command is named, or the program cannot be started.
#[must_use]
pub fn run(dir: &Path, args: &[&str]) -> Output {
    let mut command = shuke();
    command.env("SHUKE_MASTER_KEY", "42".repeat(32));
    let (first, rest) = args.split_first().expect("a command");
    command.arg(first).arg("--data").arg(dir).args(rest).output().expect("the program starts")
}

/// The exit code, and what was written to standard output and standard error.
#[must_use]
pub fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The JSON that a command answered.
///
/// # Panics
/// When it failed or answered something else.
#[must_use]
pub fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

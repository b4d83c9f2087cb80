//! `cargo xtask test`: every test of the workspace, with PostgreSQL and what the tests use from
//! outside.

use crate::postgres::Cluster;
use crate::proc::{self, Fail, Outcome, Places};
use crate::setup;
use crate::web;
use std::path::{Path, PathBuf};

/// Random requests for each operation of the API, at the most.
const EXAMPLES: &str = "25";

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Ask the API for what nobody expects, in place of the tests: nothing may be answered by 5xx
    #[arg(long, conflicts_with = "nextest")]
    api: bool,
    /// Passed on to `cargo nextest run`: a part of a test's name, or `-E 'package(shuke-store)'`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    nextest: Vec<String>,
}

/// Runs the tests; the PostgreSQL cluster is gone when this returns.
pub(crate) fn run(options: &Options) -> Outcome {
    let places = Places::find()?;
    if options.api {
        return ask(&places);
    }
    let data = shared_data(&places.root)?;
    setup::nextest(&places)?;
    let python = setup::python(&places, setup::OUTSIDE)?;
    let node = setup::node(&places, &python)?;
    let chromium = setup::chromium()?;
    // The binary carries the console, so that comes first.
    web::build(&places, true)?;
    // The build comes first: the cluster should not idle through it, and one command line builds
    // what clippy, tidy and the tests share.
    proc::run(&mut places.cargo(&["build", "--workspace", "--all-targets", "--locked"]))?;
    let cluster = Cluster::start()?;
    let mut tests = places.cargo(&["nextest", "run", "--workspace", "--locked"]);
    tests.args(&options.nextest);
    tests.env("SHUKE_TEST_DATABASE", cluster.url()).env("SHUKE_TEST_PYTHON", python);
    tests.env("SHUKE_TEST_NODE", node.program).env("SHUKE_TEST_NODE_PACKAGES", node.packages);
    tests.env("SHUKE_TEST_CHROMIUM", chromium);
    if let Some(data) = data {
        tests.env("SHUKE_DATA", data);
    }
    proc::run(&mut tests)
}

/// Random requests to every operation of openapi.json.
fn ask(places: &Places) -> Outcome {
    let python = setup::python(places, setup::FUZZ)?;
    proc::run(&mut places.cargo(&["build", "--workspace", "--all-targets", "--locked"]))?;
    let mut asks = std::process::Command::new(python);
    asks.arg(places.root.join("tests/fuzz/api.py"));
    asks.arg(places.target.join("debug").join("shuke")).arg(EXAMPLES);
    proc::run(&mut asks)
}

/// The folder of real data sets: `SHUKE_DATA`, or `../shared/data` beside the repository.
pub(crate) fn shared_data(root: &Path) -> Outcome<Option<PathBuf>> {
    let named = std::env::var_os("SHUKE_DATA").map(PathBuf::from);
    let folder = named.clone().unwrap_or_else(|| root.join("../shared/data"));
    match folder.canonicalize() {
        Ok(found) => Ok(Some(found)),
        Err(_) => without_data(named.is_some(), is_ci(), &folder).map(|()| None),
    }
}

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Whether to go on without the real data sets, which are not part of the repository.
fn without_data(named: bool, ci: bool, folder: &Path) -> Outcome {
    let missing = format!("no shared data sets in {}", folder.display());
    if named || ci {
        let how = "put them there or set SHUKE_DATA to their folder (docs/TESTING.md lists them)";
        return Err(Fail::new(format!("{missing}: {how}")));
    }
    println!("{missing}: the tests that need them say so and count as skipped");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_data_is_an_error_where_it_was_named_or_in_ci() {
        let folder = Path::new("nowhere");
        for (named, ci, goes_on) in
            [(false, false, true), (true, false, false), (false, true, false)]
        {
            assert_eq!(without_data(named, ci, folder).is_ok(), goes_on, "{named} {ci}");
        }
    }
}

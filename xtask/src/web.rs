//! `cargo xtask web`: the console, built into `web/dist`, from where the binary takes it.

use crate::proc::{self, About, Outcome, Places};
use crate::setup;
use std::path::Path;
use std::process::Command;

/// What `cargo xtask web` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Check types, style, texts and sizes, too, and run the console's own tests
    #[arg(long)]
    check: bool,
}

/// What `npm run check` does.
const CHECKS: &[&str] = &["types", "style", "test", "build", "size"];
/// The file that says exactly which packages the console is built with.
const LOCK: &str = "package-lock.json";
/// The same as it was when they were installed.
const INSTALLED: &str = "node_modules/.installed.json";

/// Builds the console.
pub(crate) fn run(options: &Options) -> Outcome {
    build(&Places::find()?, options.check)
}

/// Builds the console; with `check` after its own checks.
pub(crate) fn build(places: &Places, check: bool) -> Outcome {
    let python = setup::python(places, setup::NODE)?;
    let node = setup::node_program(&python)?;
    let folder = places.root.join("web");
    let npm = |words: &[&str]| {
        let mut npm = Command::new(&node.program);
        npm.arg(&node.npm).args(words).arg("--prefix").arg(&folder).current_dir(&folder);
        npm.env("PATH", node.path());
        npm
    };
    install(&folder, &mut npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))?;
    // One by one: a script that calls npm itself would not find the one that runs it.
    let steps: &[&str] = if check { CHECKS } else { &["build"] };
    steps.iter().try_for_each(|step| proc::run(&mut npm(&["run", "--silent", step])))
}

/// Installs the packages that the lock names, unless they are there.
fn install(folder: &Path, npm: &mut Command) -> Outcome {
    let lock = std::fs::read(folder.join(LOCK)).about(LOCK)?;
    let mark = folder.join(INSTALLED);
    if std::fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing what the console is built with");
    proc::run(npm).about("cannot install it; check the network and npm's settings")?;
    std::fs::write(&mark, lock).about(mark.display())
}

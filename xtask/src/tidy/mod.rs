//! `cargo xtask tidy`: what neither the compiler nor clippy checks.
//!
//! Each check is a function from what it looks at to [`Finding`]s, so that a test can hand it a
//! good and a bad example. A finding is one line: where, what, and what to do.

mod docs;
mod edges;
mod generated;
mod licences;
mod limits;
mod messages;
mod migrations;
mod schemas;
mod sizes;
mod source;
mod tenant;
mod words;

use crate::proc::{self, About, Fail, Outcome, Places};
use source::Source;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// What `cargo xtask tidy` takes.
#[derive(clap::Args)]
pub(crate) struct Options {}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    /// `what` says what is wrong and what to do, in one line. Line 0 is the file as a whole.
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line.max(1), self.what)
    }
}

/// A file of the repository.
pub(crate) struct File {
    /// Path from the repository's root, with `/`.
    path: String,
    /// Its size, bytes.
    bytes: u64,
    /// Its text, when it is UTF-8.
    text: Option<String>,
    /// The file taken apart, when it is Rust.
    rust: Option<Source>,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        let rust = path.ends_with(".rs").then(|| Source::read(text));
        Self { path: path.to_owned(), bytes: text.len() as u64, text: Some(text.to_owned()), rust }
    }

    fn read(root: &Path, path: &str) -> Outcome<Self> {
        let bytes = std::fs::read(root.join(path)).about(path)?;
        let size = bytes.len() as u64;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, &text)),
            Err(_) => Ok(Self { path: path.to_owned(), bytes: size, text: None, rust: None }),
        }
    }

    /// Lines of the text, numbered from 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.as_deref().unwrap_or_default().lines())
    }

    fn has_extension(&self, wanted: &[&str]) -> bool {
        Path::new(&self.path)
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|extension| wanted.contains(&extension))
    }

    /// The crate under `crates/` that the file belongs to.
    fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Whether the whole file is test code.
    fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        parts.contains(&"tests") || parts.contains(&"benches") || parts.last() == Some(&"tests.rs")
    }
}

/// Runs every check and prints what it found; fails if that is anything.
pub(crate) fn run(_options: &Options) -> Outcome {
    let places = Places::find()?;
    let metadata = metadata(&places)?;
    let files = tracked(&places.root)?;
    let mut findings = Vec::new();
    findings.extend(edges::between_crates(&metadata));
    findings.extend(edges::reasons(&metadata, &files));
    findings.extend(edges::in_sources(&files));
    findings.extend(licences::check(&metadata, &files)?);
    findings.extend(sizes::check(&files));
    findings.extend(words::check(&files)?);
    findings.extend(tenant::check(&files)?);
    findings.extend(limits::check(&files)?);
    findings.extend(schemas::check(&files)?);
    findings.extend(messages::check(&files)?);
    findings.extend(docs::check(&files)?);
    findings.extend(generated::check(&files));
    findings.extend(migrations::names(&files));
    findings.extend(migrations::unchanged(&places.root, &files)?);
    findings.sort();
    findings.dedup();
    // Running needs a build; it is worth its time only when the reading found nothing.
    if findings.is_empty() {
        findings.extend(migrations::run_on_both(&places, &files)?);
    }
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        return Err(Fail::new(format!("tidy: {} to mend", findings.len())));
    }
    println!("tidy: {} files, nothing found", files.len());
    Ok(())
}

/// The workspace with all its packages; fails if Cargo.lock does not fit the manifests.
fn metadata(places: &Places) -> Outcome<cargo_metadata::Metadata> {
    cargo_metadata::MetadataCommand::new()
        .current_dir(&places.root)
        .other_options(vec!["--locked".to_owned()])
        .exec()
        .about("Cargo.lock does not fit the manifests: run `cargo check` and commit Cargo.lock")
}

/// Every file that git tracks or would add.
fn tracked(root: &Path) -> Outcome<Vec<File>> {
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let names = proc::read(&mut list).about("tidy reads the files that git tracks")?;
    names
        .split('\0')
        .filter(|path| !path.is_empty() && root.join(path).is_file())
        .map(|path| File::read(root, path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_an_editor_can_jump_to() {
        assert_eq!(
            Finding::new("a.rs", 7, "is bad: mend it").to_string(),
            "a.rs:7: is bad: mend it"
        );
        assert_eq!(Finding::new("a.rs", 0, "is bad").to_string(), "a.rs:1: is bad");
    }

    #[test]
    fn a_file_knows_its_crate_and_whether_it_is_a_test() {
        for (path, name, test) in [
            ("crates/store/src/tx.rs", Some("store"), false),
            ("crates/store/src/tx/tests.rs", Some("store"), true),
            ("crates/store/tests/log.rs", Some("store"), true),
            ("xtask/src/main.rs", None, false),
        ] {
            let file = File::new(path, "");
            assert_eq!((file.crate_name(), file.is_test()), (name, test), "{path}");
        }
    }
}

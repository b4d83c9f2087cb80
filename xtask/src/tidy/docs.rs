//! Links of the documentation lead somewhere, and every crate and decision can be found.

use super::{File, Finding};
use crate::proc::{About, Outcome};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};

/// Checks every Markdown file, the list of decisions and the crates' own first words.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let mut findings = links(files)?;
    findings.extend(decisions(files));
    findings.extend(first_words(files));
    Ok(findings)
}

/// Relative links to files and headings that exist.
fn links(files: &[File]) -> Outcome<Vec<Finding>> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").about("pattern of links")?;
    let code = Regex::new(r"`[^`]*`").about("pattern of code")?;
    let known = Known::of(files);
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.has_extension(&["md"])) {
        for (line, text) in prose(file) {
            for found in link.captures_iter(&code.replace_all(text, "")) {
                let target = found.get(1).map_or("", |target| target.as_str());
                if target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                if let Some(what) = known.broken(&file.path, target) {
                    findings.push(Finding::new(&file.path, line, what));
                }
            }
        }
    }
    Ok(findings)
}

/// Lines outside fenced code.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    file.lines().filter(move |(_, text)| {
        let fence = text.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// What a link can lead to.
struct Known<'a> {
    paths: BTreeSet<&'a str>,
    headings: BTreeMap<&'a str, BTreeSet<String>>,
}

impl<'a> Known<'a> {
    fn of(files: &'a [File]) -> Self {
        let mut paths = BTreeSet::new();
        let mut headings = BTreeMap::new();
        for file in files {
            let mut path = file.path.as_str();
            paths.insert(path);
            while let Some((folder, _)) = path.rsplit_once('/') {
                paths.insert(folder);
                path = folder;
            }
            if file.has_extension(&["md"]) {
                let slugs = prose(file).filter(|(_, text)| text.starts_with('#'));
                headings.insert(file.path.as_str(), slugs.map(|(_, text)| slug(text)).collect());
            }
        }
        Self { paths, headings }
    }

    fn broken(&self, from: &str, target: &str) -> Option<String> {
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { from.to_owned() } else { resolve(from, path) };
        if !path.is_empty() && !self.paths.contains(path.as_str()) {
            return Some(format!("link to {target}, which does not exist: mend the link"));
        }
        let headings = self.headings.get(path.as_str())?;
        let missing = !anchor.is_empty() && !headings.contains(anchor);
        missing.then(|| format!("link to {target}, but {path} has no such heading: mend the link"))
    }
}

/// The path that `target` names, seen from the file `from`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A heading's anchor, made the way that code hosts make it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|&c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Every decision is in the list of decisions.
fn decisions(files: &[File]) -> Vec<Finding> {
    let list = files.iter().find(|file| file.path == "docs/adr/README.md");
    let listed = list.and_then(|file| file.text.as_deref()).unwrap_or_default();
    let records = files.iter().filter_map(|file| {
        let name = file.path.strip_prefix("docs/adr/")?;
        (name != "README.md" && !listed.contains(&format!("]({name})"))).then_some(file)
    });
    let what = "is not listed in docs/adr/README.md: add its line";
    records.map(|file| Finding::new(&file.path, 0, what)).collect()
}

/// Every crate says at its root what it is.
fn first_words(files: &[File]) -> Vec<Finding> {
    let roots = files.iter().filter(|file| {
        let name = file.path.strip_suffix("/src/lib.rs").or(file.path.strip_suffix("/src/main.rs"));
        name.is_some()
    });
    let silent = roots.filter(|file| !file.lines().any(|(_, text)| text.starts_with("//! ")));
    let what = "the crate does not say what it is: begin with `//!`";
    silent.map(|file| Finding::new(&file.path, 0, what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_folders_and_headings() {
        let page = "# The loop: one log, many readers\n```\n# not a heading\n```\n## 感知 perceive";
        for (text, good) in [
            ("[a](docs/PAGE.md)", true),
            ("[a](docs/PAGE.md#the-loop-one-log-many-readers)", true),
            ("[a](docs/PAGE.md#感知-perceive)", true),
            ("[a](docs/PAGE.md#not-a-heading)", false),
            ("[a](docs)", true),
            ("[a](docs/../docs/PAGE.md)", true),
            ("[a](docs/NONE.md)", false),
            ("[a](#none)", false),
            ("[a](https://example.org/none)", true),
            ("`[a](docs/NONE.md)`", true),
            ("```\n[a](docs/NONE.md)\n```", true),
        ] {
            let files = [File::new("README.md", text), File::new("docs/PAGE.md", page)];
            assert_eq!(links(&files).expect("pattern").is_empty(), good, "{text}");
        }
        let up = [File::new("docs/PAGE.md", "[a](../README.md)"), File::new("README.md", "")];
        assert!(links(&up).expect("pattern").is_empty());
    }

    #[test]
    fn decisions_are_listed() {
        let list = File::new("docs/adr/README.md", "- [One](0001-one.md)");
        let files =
            [list, File::new("docs/adr/0001-one.md", ""), File::new("docs/adr/0002-two.md", "")];
        let found = decisions(&files);
        assert_eq!(
            found.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(),
            ["docs/adr/0002-two.md"]
        );
    }

    #[test]
    fn a_crate_says_what_it_is() {
        for (path, text, good) in [
            ("crates/a/src/lib.rs", "//! The words.\n", true),
            ("crates/a/src/lib.rs", "mod b;", false),
            ("crates/a/src/b.rs", "", true),
        ] {
            assert_eq!(first_words(&[File::new(path, text)]).is_empty(), good, "{text}");
        }
    }
}

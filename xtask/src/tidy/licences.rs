//! Licences, banned packages and sources, by the lists in `deny.toml`.
//!
//! The same file serves `cargo deny check licenses bans sources`; this reads it with what cargo
//! itself tells, so that it needs no further tool.

use super::{File, Finding};
use crate::proc::{About, Fail, Outcome};
use cargo_metadata::Metadata;
use regex::Regex;

const PATH: &str = "deny.toml";

/// Checks every package that any part of the workspace can pull in.
pub(crate) fn check(metadata: &Metadata, files: &[File]) -> Outcome<Vec<Finding>> {
    let file = files.iter().find(|file| file.path == PATH).and_then(|file| file.text.as_deref());
    let lists = Lists::read(file.ok_or_else(|| Fail::new(format!("{PATH} is missing")))?)?;
    let mut findings = Vec::new();
    for package in &metadata.packages {
        let (name, version) = (package.name.as_str(), &package.version);
        let licence = package.license.as_deref().unwrap_or_default();
        if !allows(licence, &lists.licences) {
            let what = format!(
                "{name} {version} is under `{licence}`, which is not allowed: \
                 replace it, or allow the licence with an ADR"
            );
            findings.push(Finding::new(PATH, 0, what));
        }
        if lists.banned.iter().any(|banned| banned == name) {
            let what = format!("{name} {version} is banned: turn off the feature that needs it");
            findings.push(Finding::new(PATH, 0, what));
        }
        if let Some(source) = package.source.as_ref().filter(|source| !source.is_crates_io()) {
            let what = format!("{name} {version} comes from {source}: take it from crates.io");
            findings.push(Finding::new(PATH, 0, what));
        }
    }
    Ok(findings)
}

struct Lists {
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Lists {
    /// Reads `allow = […]` of `[licenses]` and the `crate = "…"` entries of `deny = […]`.
    fn read(text: &str) -> Outcome<Self> {
        let allow = Regex::new(r"(?m)^allow = \[([^\]]*)\]").about("pattern of licences")?;
        let deny = Regex::new(r#"\bcrate = "([^"]+)""#).about("pattern of bans")?;
        let word = Regex::new(r#""([^"]+)""#).about("pattern of words")?;
        let body = allow.captures(text).and_then(|found| found.get(1));
        let body = body.ok_or_else(|| Fail::new(format!("{PATH} has no list `allow = […]`")))?;
        let words = |pattern: &Regex, text: &str| {
            let found = pattern.captures_iter(text).filter_map(|found| found.get(1));
            found.map(|word| word.as_str().to_owned()).collect::<Vec<_>>()
        };
        Ok(Self { licences: words(&word, body.as_str()), banned: words(&deny, text) })
    }
}

/// Whether an SPDX expression can be met with the allowed licences. `/` is the old `OR`.
fn allows(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any_of(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all_of(words, allowed);
    }
    met
}

fn all_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = term(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= term(words, allowed);
    }
    met
}

fn term(words: &mut Words<'_>, allowed: &[String]) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any_of(words, allowed);
        let closed = words.next_if_eq(&")").is_some();
        return met && closed;
    }
    let Some(licence) = words.next() else { return false };
    let full = match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
        Some(exception) => format!("{licence} WITH {exception}"),
        None => licence.to_owned(),
    };
    // An exception only adds permissions.
    allowed.iter().any(|known| *known == full || known == licence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_the_allowed_licences() {
        let allowed = ["MIT", "Apache-2.0", "Zlib"].map(str::to_owned);
        for (expression, good) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("MIT AND (GPL-3.0 OR Zlib)", true),
            ("(MIT OR GPL-3.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("", false),
            ("(GPL-3.0) OR MIT", true),
            ("MIT (", false),
        ] {
            assert_eq!(allows(expression, &allowed), good, "{expression}");
        }
    }

    #[test]
    fn the_lists_are_read_from_the_file_that_cargo_deny_reads() {
        let text = "[licenses]\nallow = [\n  \"MIT\",\n  \"Zlib\", # small\n]\n[bans]\n\
            deny = [{ crate = \"openssl\" }]\n";
        let lists = Lists::read(text).expect("lists");
        assert_eq!(lists.licences, ["MIT", "Zlib"]);
        assert_eq!(lists.banned, ["openssl"]);
        assert!(Lists::read("").is_err());
    }
}

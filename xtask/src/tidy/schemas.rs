//! No two types are one schema of the API.

use super::{File, Finding};
use crate::proc::{About, Outcome};
use regex::Regex;
use std::collections::BTreeMap;

/// Types that derive `ToSchema` must have names of their own: of two with one name the description
/// of the API keeps one, and says of the other's operations what is not so.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let pattern = r"^\s*(?:pub(?:\([^)]*\))? )?(?:struct|enum) ([A-Z]\w*)";
    let shape = Regex::new(pattern).about(pattern)?;
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in files {
        let Some(source) = &file.rust else { continue };
        let mut derives = false;
        for (line, code) in (1..).zip(source.code.lines()) {
            derives |= code.trim_start().starts_with("#[derive(") && code.contains("ToSchema");
            let Some(name) = shape.captures(code).and_then(|found| found.get(1)) else { continue };
            if !std::mem::take(&mut derives) {
                continue;
            }
            let at = format!("{}:{line}", file.path);
            if let Some(other) = seen.get(name.as_str()) {
                let what = format!("{} is a schema of {other}, too: rename one", name.as_str());
                findings.push(Finding::new(&file.path, line, what));
            } else {
                seen.insert(name.as_str().to_owned(), at);
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_types_of_one_name_are_found() {
        let one = "#[derive(Debug, ToSchema)]\n#[serde(transparent)]\npub(super) struct Form {}";
        for (other, findings) in [
            ("#[derive(ToSchema)]\nenum Form {}", 1),
            ("#[derive(ToSchema)]\nenum Other {}", 0),
            ("#[derive(Debug)]\nstruct Form {}", 0),
        ] {
            let files = [File::new("a.rs", one), File::new("b.rs", other)];
            assert_eq!(check(&files).expect("pattern").len(), findings, "{other}");
        }
    }
}

//! Every named limit says what it bounds and in which unit.

use super::{File, Finding};
use crate::proc::{About, Outcome};
use regex::Regex;

/// Constants named `…_MAX` or `…_LIMIT` must have a doc comment.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let pattern = r"^\s*(?:pub(?:\([^)]*\))? )?const ([A-Z][A-Z0-9_]*_(?:MAX|LIMIT)):";
    let limit = Regex::new(pattern).about(pattern)?;
    let mut findings = Vec::new();
    for file in files {
        let Some(source) = &file.rust else { continue };
        let lines: Vec<&str> = file.lines().map(|(_, text)| text.trim()).collect();
        for (line, code) in (1..).zip(source.code.lines()) {
            let Some(name) = limit.captures(code).and_then(|found| found.get(1)) else { continue };
            let above = lines.iter().take(line - 1).rev();
            let mut above = above.skip_while(|text| text.starts_with("#["));
            if !above.next().is_some_and(|text| text.starts_with("///")) {
                let what = format!("{} says nothing: add `///` with its unit", name.as_str());
                findings.push(Finding::new(&file.path, line, what));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_without_a_word_is_found() {
        for (text, findings) in [
            ("/// Rows of a page.\npub const ROWS_MAX: usize = 5;", 0),
            ("/// Rows.\n#[rustfmt::skip]\nconst ROWS_MAX: usize = 5;", 0),
            ("const ROWS_MAX: usize = 5;", 1),
            ("// Rows.\npub(crate) const ROWS_LIMIT: usize = 5;", 1),
            ("const ROWS: usize = 5;\nlet x = ROWS_MAX;", 0),
        ] {
            let found = check(&[File::new("a.rs", text)]).expect("pattern");
            assert_eq!(found.len(), findings, "{text}");
        }
    }
}

//! Sizes that keep a file, a function and a line readable at once.

use super::{File, Finding};

/// Lines of a source file.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function, from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Characters of a line of code.
const LINE_CHARS_MAX: usize = 100;

/// Types that are generated from the description of the API.
const GENERATED: &str = "web/src/api/schema.d.ts";

/// Checks Rust and TypeScript.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| file.has_extension(&["rs", "ts", "tsx"]));
    sources.filter(|file| file.path != GENERATED).flat_map(one).collect()
}

fn one(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = file.lines().count();
    if count > FILE_LINES_MAX {
        let what = format!("{count} lines, {FILE_LINES_MAX} are allowed: split it by what it owns");
        findings.push(Finding::new(&file.path, FILE_LINES_MAX + 1, what));
    }
    for (line, text) in file.lines() {
        let chars = text.chars().count();
        // An address cannot be broken.
        if chars > LINE_CHARS_MAX && !text.contains("://") {
            let what = format!("{chars} characters, {LINE_CHARS_MAX} are allowed: break the line");
            findings.push(Finding::new(&file.path, line, what));
        }
    }
    for (name, line, lines) in file.rust.iter().flat_map(super::Source::functions) {
        if lines > FUNCTION_LINES_MAX {
            let what = format!(
                "{name} has {lines} lines, {FUNCTION_LINES_MAX} are allowed: name its steps"
            );
            findings.push(Finding::new(&file.path, line, what));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_its_bound() {
        let lines = |count: usize| "a\n".repeat(count);
        let function = |count: usize| format!("fn f() {{\n{}}}\n", "a;\n".repeat(count - 2));
        for (text, findings) in [
            (lines(500), 0),
            (lines(501), 1),
            ("客".repeat(100), 0),
            ("a".repeat(101), 1),
            (format!("// https://{}", "a".repeat(100)), 0),
            (function(70), 0),
            (function(71), 1),
        ] {
            let found = check(&[File::new("a.rs", &text)]);
            assert_eq!(found.len(), findings, "{found:?}");
        }
        assert!(check(&[File::new("a.md", &lines(501))]).is_empty());
    }
}

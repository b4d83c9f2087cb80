//! Files that a command writes are as that command would write them. `Cargo.lock` is checked where
//! the manifests are read.

use super::{File, Finding};
use crate::bench::report;

/// The page that `cargo xtask bench` writes.
const BENCHMARKS: &str = "docs/benchmarks.md";

/// Pages of an older form, or changed by hand.
pub(crate) fn check(files: &[File]) -> Vec<Finding> {
    let page = files.iter().find(|file| file.path == BENCHMARKS);
    let text = page.and_then(|file| file.text.as_deref()).unwrap_or_default();
    if is_report(text) {
        return Vec::new();
    }
    vec![Finding::new(BENCHMARKS, 0, "is not as written: run `cargo xtask bench`")]
}

fn is_report(text: &str) -> bool {
    let body = text.strip_prefix(report::HEAD).and_then(|rest| rest.split_once(report::COLUMNS));
    body.is_some_and(|(facts, rows)| {
        let rows = rows.lines().take_while(|line| line.starts_with('|'));
        let whole = |line: &str| line.matches(" | ").count() == 4 && line.ends_with(" |");
        facts.lines().all(|line| line.starts_with("| "))
            && rows.clone().all(whole)
            && rows.count() > 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_form_is_found() {
        let page = |row: &str| format!("{}| date | x |\n{}{row}", report::HEAD, report::COLUMNS);
        assert!(is_report(&page("| a | 1 |  | ≤ 2 | yes |\n\nnote")));
        assert!(!is_report(&page("| a | 1 | yes |\n")));
        assert!(!is_report(&page("")));
        assert!(!is_report("# Benchmarks\n"));
    }
}

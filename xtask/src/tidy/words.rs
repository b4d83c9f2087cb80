//! Words and files that do not belong into the repository.
//!
//! Patterns are spelt so that they do not match this file.

use super::{File, Finding};
use crate::proc::{About, Outcome};
use regex::Regex;

/// Pattern and what to do. Case matters where the pattern does not say otherwise.
const BANNED: [(&str, &str); 9] = [
    (
        r"(?:^|[^\w.-])/(?:wor[k]|roo[t]|hom[e]/\w+|User[s]/\w+)/",
        "a path of one machine: name it relative to the repository",
    ),
    (r"(?:^|[^\w.-])/tm[p]/\w{2}", "a path of one machine: use a temporary folder"),
    (r"(?i)sub-?agen[t]s?\b", "speaks of tools instead of the product: take it out"),
    (
        r"(?i)\bsystem promp[t]|\bas an A[I]\b|[.]librar[y]\b",
        "speaks of tools instead of the product: take it out",
    ),
    (r"\b(?:TOD[O]|FIXM[E])\b|(?://|#)\s*XX[X]\b", "unfinished: finish it or open an issue"),
    (r"\b(?:tod[o]|unimplemente[d])!\s*\(", "unfinished: write it"),
    (r"#\[ignor[e]\b", "a test that does not run: mend it or take it out"),
    (
        r"(?i)\b(?:static|index)[.]crates[.]i[o]\b|\bartifactor[y]\b",
        "host of a package registry: leave it to the tool's settings",
    ),
    (
        r"(?i)\b(?:pypi[.]or[g]|pythonhosted[.]or[g]|registry[.]npmjs[.]or[g])\b",
        "host of a package registry: leave it to the tool's settings",
    ),
];

/// Data sets that tests may read from outside but nobody may commit, as parts of a path.
const FOREIGN_DATA: [&str; 12] = [
    "online_retail",
    "complete_journey",
    "cdnow",
    "olist",
    "ml-100k",
    "gowalla",
    "taobao_rec",
    "o2o_coupon",
    "banking77",
    "ecom.csv",
    "exportorderlist",
    "clickstream",
];

/// File name extensions of data.
const DATA_EXTENSIONS: [&str; 10] =
    ["csv", "tsv", "txt", "xlsx", "xls", "parquet", "zst", "gz", "zip", "json"];

/// Bytes of a data file: a fixture shows a case and stays small.
const FIXTURE_BYTES_MAX: u64 = 256 * 1024;

/// Checks every text, and the names and sizes of data files.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let mut banned = Vec::new();
    for (pattern, advice) in BANNED {
        banned.push((Regex::new(pattern).about(pattern)?, advice));
    }
    let mut findings = Vec::new();
    for file in files {
        findings.extend(data_file(file));
        // Cargo writes it, with the addresses that it needs.
        if file.path.ends_with("Cargo.lock") {
            continue;
        }
        for (line, text) in file.lines() {
            for (pattern, advice) in &banned {
                if let Some(found) = pattern.find(text) {
                    let what = format!("`{}`, {advice}", found.as_str().trim());
                    findings.push(Finding::new(&file.path, line, what));
                }
            }
        }
    }
    Ok(findings)
}

/// The description of the API, which is generated and grows with it.
const DESCRIPTION: &str = "docs/openapi.json";

fn data_file(file: &File) -> Option<Finding> {
    if !file.has_extension(&DATA_EXTENSIONS) || file.path == DESCRIPTION {
        return None;
    }
    let path = file.path.to_lowercase();
    if let Some(name) = FOREIGN_DATA.iter().find(|name| path.contains(**name)) {
        let what = format!("named after the data set {name}: third-party data is not committed");
        return Some(Finding::new(&file.path, 0, what));
    }
    (file.bytes > FIXTURE_BYTES_MAX).then(|| {
        let what = format!(
            "{} KiB of data, {} are allowed: make it small or generate it in the test",
            file.bytes / 1024,
            FIXTURE_BYTES_MAX / 1024
        );
        Finding::new(&file.path, 0, what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[File::new(path, text)]).expect("patterns").len()
    }

    #[test]
    fn banned_words_are_found_and_ordinary_ones_are_not() {
        let join = |parts: &[&str]| parts.concat();
        for (text, findings) in [
            (join(&["see /wo", "rk/main"]), 1),
            (join(&["in `/ro", "ot/x`"]), 1),
            (join(&["/tm", "p/shop.db"]), 1),
            (join(&["// TO", "DO later"]), 1),
            (join(&["// XX", "X odd"]), 1),
            (join(&["no currency is XX", "X"]), 0),
            (join(&["to", "do!()"]), 1),
            (join(&["#[ig", "nore]"]), 1),
            (join(&["index.crates", ".io"]), 1),
            (join(&["copy t to '/tm", "p/x'"]), 0),
            (join(&["target/tmp/x and docs/wo", "rk/x and network/y"]), 0),
            ("the todo list, ignored, agents of the shop".to_owned(), 0),
        ] {
            assert_eq!(found("a.md", &text), findings, "{text}");
        }
        assert_eq!(found("Cargo.lock", &join(&["index.crates", ".io"])), 0);
    }

    #[test]
    fn foreign_and_large_data_is_found() {
        assert_eq!(found("crates/perceive/tests/fixtures/orders.csv", "a,b\n"), 0);
        assert_eq!(found("crates/perceive/tests/fixtures/Online_Retail.csv", "a,b\n"), 1);
        assert_eq!(found("crates/perceive/src/mapping/online_retail.toml", ""), 0);
        assert_eq!(found("fixtures/big.csv", &"a,b\n".repeat(80_000)), 1);
    }
}

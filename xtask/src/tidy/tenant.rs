//! The tenant rule: a table's key starts with its shop, and no query reaches past its shop.
//!
//! The queries are read from the string literals of the store and of each noun's `sql.rs`. A
//! literal is judged by itself, so a query is written in one piece.

use super::{File, Finding};
use crate::proc::{About, Outcome};
use regex::Regex;
use std::collections::BTreeSet;

/// Tables that belong to no single shop, each with its reason.
const SHARED_TABLES: [(&str, &str); 9] = [
    ("shop", "it is what a tenant is; found by name before the tenant is known"),
    ("log", "one log a database keeps one order of facts; readers filter by shop"),
    ("cursor", "a reader reads the whole log"),
    ("log_dead", "found by its own id from `doctor`; carries the shop"),
    ("job", "claimed by whichever process is free; carries the shop"),
    ("users", "one person may work in several shops"),
    ("session", "of a user, whichever shop they look at"),
    ("user_subject", "who a provider's people are, for every shop"),
    ("link", "found by its own token before anybody is known; carries the shop"),
];

/// Where queries over every shop are allowed: the store's `sys` module.
const EVERY_SHOP: [&str; 2] = ["crates/store/src/sys.rs", "crates/store/src/sys/"];

/// Checks the migrations' tables and the sources' queries.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let rules = Rules::new()?;
    let mut findings = Vec::new();
    let mut tables = BTreeSet::new();
    for file in files.iter().filter(|file| is_migration(&file.path)) {
        let text = file.text.as_deref().unwrap_or_default();
        for table in rules.tables(text) {
            if is_shared(&table.name) {
                continue;
            }
            if !table.shop_first {
                let what = format!(
                    "the key of {} does not start with shop_id: put it first or give a reason",
                    table.name
                );
                findings.push(Finding::new(&file.path, table.line, what));
            }
            tables.insert(table.name);
        }
    }
    for file in files.iter().filter(|file| holds_queries(file)) {
        findings.extend(rules.queries(file, &tables));
    }
    Ok(findings)
}

/// Whether a path is a migration's.
pub(crate) fn is_migration(path: &str) -> bool {
    path.ends_with(".sql") && path.split('/').rev().nth(1) == Some("migrations")
}

fn is_shared(table: &str) -> bool {
    SHARED_TABLES.iter().any(|(name, _)| *name == table)
}

fn holds_queries(file: &File) -> bool {
    let in_sql = file.path.ends_with("/sql.rs") || file.path.contains("/sql/");
    let in_store = file.path.starts_with("crates/store/src/");
    let every_shop = EVERY_SHOP.iter().any(|path| file.path.starts_with(path));
    (in_sql || in_store) && !every_shop && !file.is_test()
}

struct Table {
    name: String,
    line: usize,
    shop_first: bool,
}

struct Rules {
    create: Regex,
    key: Regex,
    comment: Regex,
    statement: Regex,
    reach: Regex,
    shop: Regex,
}

impl Rules {
    fn new() -> Outcome<Self> {
        let regex = |pattern: &str| Regex::new(pattern).about(pattern);
        Ok(Self {
            create: regex(r#"(?i)\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?\s*\("#)?,
            key: regex(r"(?i)\bshop_id\b[^,()]*\bprimary\s+key|\bprimary\s+key\s*\(\s*shop_id\b")?,
            comment: regex(r"--[^\n]*")?,
            statement: regex(r"(?i)^\s*(?:select|insert|update|delete|with|from|join|where)\b")?,
            reach: regex(r#"(?i)\b(?:from|join|update)\s+"?(\w+)"?"#)?,
            shop: regex(r"\bshop_id\b")?,
        })
    }

    fn tables(&self, text: &str) -> Vec<Table> {
        let blank = |found: &regex::Captures<'_>| {
            found.get(0).map(|comment| " ".repeat(comment.len())).unwrap_or_default()
        };
        let text = self.comment.replace_all(text, blank);
        let mut tables = Vec::new();
        for found in self.create.captures_iter(&text) {
            let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else { continue };
            let body = parenthesised(text.get(whole.end()..).unwrap_or_default());
            let line = text.get(..whole.start()).unwrap_or_default().matches('\n').count() + 1;
            let shop_first = self.key.is_match(body);
            tables.push(Table { name: name.as_str().to_lowercase(), line, shop_first });
        }
        tables
    }

    fn queries(&self, file: &File, tables: &BTreeSet<String>) -> Vec<Finding> {
        let Some(source) = &file.rust else { return Vec::new() };
        let product = source.literals.iter().filter(|literal| !source.is_test(literal.line));
        product
            .filter(|literal| self.statement.is_match(&literal.text))
            .filter(|literal| !self.shop.is_match(&literal.text))
            .filter_map(|literal| {
                let mut reached = self.reach.captures_iter(&literal.text);
                let table = reached.find_map(|found| {
                    let name = found.get(1)?.as_str().to_lowercase();
                    tables.contains(&name).then_some(name)
                })?;
                let what = format!(
                    "a query of {table} without shop_id: ask for the shop's rows only, \
                     or move it to store::sys"
                );
                Some(Finding::new(&file.path, literal.line, what))
            })
            .collect()
    }
}

/// From just behind an opening parenthesis to the one that closes it.
fn parenthesised(text: &str) -> &str {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(..at).unwrap_or(text);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        let found = check(&files).expect("patterns");
        found.into_iter().map(|finding| (finding.path, finding.line)).collect()
    }

    #[test]
    fn a_tenant_tables_key_starts_with_its_shop() {
        for (table, good) in [
            (
                "create table a (shop_id INTEGER not null, n INTEGER, primary key (shop_id, n))",
                true,
            ),
            ("create table shop_key (\n  shop_id INTEGER primary key,\n  wrapped BLOB)", true),
            ("create table coupon (n INTEGER primary key, shop_id INTEGER)", false),
            ("create table coupon (shop_id INTEGER, n INTEGER, primary key (n, shop_id))", false),
            ("create table coupon (n INTEGER) -- primary key (shop_id, n)", false),
            ("CREATE TABLE IF NOT EXISTS coupon (shop_id INTEGER)", false),
            ("create table cursor (reader TEXT primary key)", true),
        ] {
            assert_eq!(found(&[("migrations/0001_a.sql", table)]).is_empty(), good, "{table}");
        }
    }

    #[test]
    fn a_query_names_its_shop() {
        let tables =
            "\n\ncreate table coupon (shop_id INTEGER, n INTEGER, primary key (shop_id, n))";
        let noun = "crates/benefit/src/coupon/sql.rs";
        for (path, sql, good) in [
            (noun, "select n from coupon where shop_id = $1", true),
            (noun, "select n from coupon where n = $1", false),
            (noun, "delete from coupon", false),
            (noun, "insert into coupon ({}) values", true),
            (noun, "insert into other (n) select n from coupon", false),
            (noun, "update coupon set n = 1", false),
            (noun, "from coupon c where c.n = 1", false),
            (noun, "select n from log where seq > $1", true),
            (noun, "nothing comes from coupon here", true),
            ("crates/store/src/tx.rs", "select n from coupon", false),
            ("crates/store/src/sys.rs", "select n from coupon", true),
            ("crates/store/src/tests.rs", "select n from coupon", true),
        ] {
            let source = format!("fn f() {{\n    let sql = \"{sql}\";\n}}");
            let found = found(&[("migrations/0001_a.sql", tables), (path, &source)]);
            assert_eq!(found.is_empty(), good, "{path}: {sql}");
            if !good {
                assert_eq!(found, [(path.to_owned(), 2)]);
            }
        }
    }
}

//! Every sentence for people has its Chinese, and nothing has Chinese that is not said any more.
//!
//! The crates speak English; `crates/shuke` looks the sentences up in its catalogue when it shows
//! them. A sentence can be made anywhere and handed on, so every literal that reads like one is
//! taken for one.

use super::source::Literal;
use super::{File, Finding, Source};
use crate::proc::{About, Outcome};
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CATALOGUE: &str = "crates/shuke/src/text/zh.json";
/// What is written here is written in both languages.
const BILINGUAL: &str = "crates/shuke/src/text/";
const MAPPINGS: &str = "crates/perceive/mappings/";

/// Begins like a sentence of ours: in lower case, with a place or a comment.
const BEGINS: &str = r"^(?:[a-z{`\[]|# .)";
/// Two words beside each other.
const TWO_WORDS: &str = r"[a-z}`)][:,;]? [A-Za-z{`(\[]";
/// A place, with its name and format.
const PLACE: &str = r"\{\{|\}\}|\{[A-Za-z0-9_]*(?::[^{}]*)?\}";
/// Literals that only look like sentences, with a reason each.
const OTHERS: [(&str, &str); 11] = [
    (r"^(?:select|insert|update|delete|begin|savepoint|release|rollback|with|cast)\b", "SQL"),
    (r"^(?:on conflict|for update|order_no|pragma|vacuum|xid8?)\b|^\{\} values ", "parts of SQL"),
    (r"^and \(?[a-z_.]+ (?:=|<=?|>|is|in|between) ", "parts of SQL"),
    (r"^(?:coalesce|kind|double precision|in|from sqlite_schema|analyze cursor)\b", "parts of SQL"),
    (r"^(?:shop_id = |returning |from \{\} where )|^[a-z_]+(?:,\s+[a-z_]+)+$", "parts of SQL"),
    (r"^width=device-width", "HTML"),
    (r"^shuke \{\}$", "the name of a command"),
    (r"^identifier (?:phone|email|external)$", "names in a proposal"),
    (r"^sql parser error:$|^at line$", "what a library says, to be taken away"),
    (r"^\{\}=\{\}; Path=", "a cookie"),
    (r"^(?:\{\}|\W)*$", "nothing but places"),
];

/// Compares what the crates say with the catalogue.
pub(crate) fn check(files: &[File]) -> Outcome<Vec<Finding>> {
    let rules = Rules::new()?;
    let Some(catalogue) = files.iter().find(|file| file.path == CATALOGUE) else {
        return Ok(vec![Finding::new(CATALOGUE, 0, "is missing")]);
    };
    let text = catalogue.text.as_deref().unwrap_or_default();
    let entries: BTreeMap<String, Value> = serde_json::from_str(text).about(CATALOGUE)?;
    let mut said: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut findings = Vec::new();
    let product = files.iter().filter(|file| file.crate_name().is_some() && !file.is_test());
    for file in product.filter(|file| !file.path.starts_with(BILINGUAL)) {
        for word in rules.words(file) {
            let known = entries.get(word.section).and_then(|section| section.get(&word.text));
            if known.is_none() && word.needed {
                let what = format!(
                    "{:?} has no Chinese: add it to \"{}\" of {CATALOGUE}",
                    word.text, word.section
                );
                findings.push(Finding::new(&file.path, word.line, what));
            }
            said.entry(word.section).or_default().insert(word.text);
        }
    }
    for (section, texts) in &said {
        let known = entries.get(*section).and_then(Value::as_object);
        for (key, _) in known.into_iter().flatten().filter(|(key, _)| !texts.contains(*key)) {
            let quoted = Value::from(key.as_str()).to_string();
            let line = catalogue.lines().find(|(_, line)| line.contains(&quoted));
            let what = format!("nobody says {quoted} any more: take it out");
            findings.push(Finding::new(CATALOGUE, line.map_or(0, |(line, _)| line), what));
        }
    }
    Ok(findings)
}

/// Something that is said.
struct Word {
    line: usize,
    section: &'static str,
    text: String,
    /// Whether it must have its Chinese; else it only may.
    needed: bool,
}

struct Rules {
    begins: Regex,
    two_words: Regex,
    place: Regex,
    others: Vec<Regex>,
}

impl Rules {
    fn new() -> Outcome<Self> {
        let mut others = Vec::new();
        for (pattern, reason) in OTHERS {
            others.push(Regex::new(pattern).about(reason)?);
        }
        Ok(Self {
            begins: Regex::new(BEGINS).about(BEGINS)?,
            two_words: Regex::new(TWO_WORDS).about(TWO_WORDS)?,
            place: Regex::new(PLACE).about(PLACE)?,
            others,
        })
    }

    fn words(&self, file: &File) -> Vec<Word> {
        if let Some(source) = &file.rust {
            let product = source.literals.iter().filter(|literal| !source.is_test(literal.line));
            return product.filter_map(|literal| self.word(source, literal)).collect();
        }
        if file.path.starts_with(MAPPINGS) {
            return file.lines().filter_map(|(line, text)| mapping_word(line, text)).collect();
        }
        Vec::new()
    }

    fn word(&self, source: &Source, literal: &Literal) -> Option<Word> {
        let before = source.code.get(..literal.at).unwrap_or_default();
        let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
        // Lints have reasons and logs have English, neither of which a shop owner reads.
        let lint = before.trim_end().ends_with("reason =") && statement.contains("#[");
        if lint || statement.contains("tracing::") {
            return None;
        }
        let line = literal.line;
        if before.trim_end().ends_with(".field(") {
            let needed = !literal.text.starts_with("--");
            return Some(Word { line, section: "fields", text: literal.text.clone(), needed });
        }
        let text = unescaped(&literal.text);
        let begins = self.begins.is_match(text.trim());
        let text = text.trim().trim_start_matches("# ").trim_start_matches("! ");
        let text = self.place.replace_all(text, |found: &regex::Captures<'_>| {
            match found.get(0).map_or("", |found| found.as_str()) {
                "{{" => "{",
                "}}" => "}",
                _ => "{}",
            }
        });
        let reads = begins && self.two_words.is_match(&text);
        let needed = reads && !self.others.iter().any(|other| other.is_match(&text));
        Some(Word { line, section: "messages", text: text.into_owned(), needed })
    }
}

/// A mapping says why it refuses a file, and explains itself in comments.
fn mapping_word(line: usize, text: &str) -> Option<Word> {
    let reason = text.strip_prefix("reason = \"").and_then(|rest| rest.strip_suffix('"'));
    let (section, text) = match reason {
        Some(reason) => ("messages", reason),
        None => ("comments", text.strip_prefix("# ")?),
    };
    Some(Word { line, section, text: text.to_owned(), needed: true })
}

/// What a literal says; escapes that no sentence has stay as they are.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        rest = match after.chars().next() {
            Some('\n') => after.trim_start(),
            Some(c @ ('"' | '\\')) => {
                out.push(c);
                after.get(1..).unwrap_or_default()
            }
            Some('n') => {
                out.push('\n');
                after.get(1..).unwrap_or_default()
            }
            _ => {
                out.push('\\');
                after
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str, catalogue: &str) -> Vec<String> {
        let files = [File::new(CATALOGUE, catalogue), File::new("crates/lake/src/a.rs", source)];
        check(&files).expect("patterns").iter().map(|found| found.what.clone()).collect()
    }

    #[test]
    fn a_sentence_without_chinese_is_found_wherever_it_is_made() {
        for (source, findings) in [
            (r#"Error::bad("it is gone")"#, 1),
            (r#"let text = format!("{a:?} has no {}", b); Error::bad(text)"#, 1),
            (r#"refused("a picture", "export it")"#, 2),
            ("hint(\"first \\\n   second\")", 1),
            (r#"line(text, "  # {} is {}")"#, 1),
            (r#"Error::bad("known {x} word")"#, 0),
            (r#"e.field("shop")"#, 0),
            (r#"e.field("sheet")"#, 1),
            (r#"e.field("--as-of")"#, 0),
            (r#"let sql = "select a from b";"#, 0),
            (r#"#[expect(lint, reason = "it is so")]"#, 0),
            (r#"let reason = "it is so";"#, 1),
            (r#"format!("at most {ROWS_MAX} rows")"#, 1),
            (r#"tracing::warn!(a = %b, "it is logged");"#, 0),
            (r#"tracing::warn!("it is logged"); Error::bad("it is shown")"#, 1),
            (r#"format!("{head} {}: {}", a, b)"#, 0),
            (r#""word""#, 0),
            ("#[cfg(test)]\nmod tests {\n  \"it is a test\"\n}", 0),
        ] {
            let source = format!("{source}\n\"known {{}} word\" .field(\"shop\")");
            let catalogue = r#"{"messages": {"known {} word": "x"}, "fields": {"shop": "x"}}"#;
            let found = found(&source, catalogue);
            assert_eq!(found.len(), findings, "{source}: {found:?}");
        }
    }

    #[test]
    fn chinese_of_what_nobody_says_is_found() {
        let catalogue = r#"{"messages": {"it is": "x", "it was": "x"}, "foreign": {"any": "x"}}"#;
        let found = found("f(\"it is\")", catalogue);
        assert_eq!(found, ["nobody says \"it was\" any more: take it out"]);
    }

    #[test]
    fn a_mapping_speaks_too() {
        let mapping = "# A comment.\nname = \"x\"\nreason = \"is no use\"\n";
        let files =
            [File::new(CATALOGUE, "{}"), File::new("crates/perceive/mappings/x.toml", mapping)];
        let found = check(&files).expect("patterns");
        assert_eq!(found.iter().map(|found| found.line).collect::<Vec<_>>(), [1, 3]);
    }
}

//! What is said of segments.

use std::fmt::Write;

use serde_json::Value;
use stratify::expr::one::{Found, Reason};

use super::count as grouped;
use crate::lang::Lang;

/// How many customers conditions mean.
pub(crate) fn count(lang: Lang, count: u64) -> String {
    let count = grouped(i64::try_from(count).unwrap_or(i64::MAX));
    lang.pick(format!("{count} 位客户\n"), format!("{count} customers\n"))
}

/// How many a private audience are, as far as it may be told.
pub(crate) fn private(lang: Lang, count: Option<i64>) -> String {
    match count.map(grouped) {
        Some(count) => lang.pick(
            format!("约 {count} 位客户（私密人群，人数向下取整到十）\n"),
            format!("about {count} customers (private: rounded down to ten)\n"),
        ),
        None => lang.pick(
            "人数暂不显示：这群人太少，或与其他人群、之前查过的人群相差太少\n".to_owned(),
            "not shown: too few, or too few apart from another segment or an earlier count\n"
                .to_owned(),
        ),
    }
}

/// The first of the customers that conditions mean.
pub(crate) fn list(lang: Lang, all: u64, some: &[(i64, Option<String>)]) -> String {
    let mut text = String::new();
    for (number, external) in some {
        let _ = writeln!(text, "{number:>10}  {}", external.as_deref().unwrap_or_default());
    }
    text + &count(lang, all)
}

/// Why conditions hold for a customer or do not, each with the value that was found.
pub(crate) fn reason(lang: Lang, reason: &Reason, conditions: &Value) -> String {
    let mut text = lang
        .pick(
            match reason.held {
                Some(true) => "符合\n",
                Some(false) => "不符合\n",
                None => "不符合：缺少用来判断的值\n",
            },
            match reason.held {
                Some(true) => "matches\n",
                Some(false) => "does not match\n",
                None => "does not match: a value to judge by is missing\n",
            },
        )
        .to_owned();
    part(lang, reason, (conditions, 1), &mut text);
    text
}

fn part(lang: Lang, reason: &Reason, (conditions, depth): (&Value, usize), text: &mut String) {
    let mark = match reason.held {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "?",
    };
    let indent = "  ".repeat(depth);
    match (&reason.at, reason.combinator) {
        (Some(at), _) => {
            let found = match &reason.found {
                None => lang.pick("无", "nothing").to_owned(),
                Some(Found::Number(number)) => number.to_string(),
                Some(Found::Time(found) | Found::Text(found)) => found.clone(),
                Some(Found::Truth(truth)) => truth.to_string(),
                Some(Found::Fraction(number)) => number.to_string(),
            };
            let found = lang.pick(format!("实际：{found}"), format!("found: {found}"));
            let _ = writeln!(text, "{indent}{mark} {}  ({found})", said(at, conditions));
        }
        (None, combinator) => {
            let name = match combinator {
                Some("or") => lang.pick("任一", "any of"),
                Some("not") => lang.pick("并非", "not"),
                _ => lang.pick("全部", "all of"),
            };
            let _ = writeln!(text, "{indent}{mark} {name}");
        }
    }
    for inner in &reason.parts {
        part(lang, inner, (conditions, depth + 1), text);
    }
}

/// A condition as it was written.
fn said(at: &str, conditions: &Value) -> String {
    let pointer: String = at
        .split('.')
        .flat_map(|part| part.split('['))
        .map(|part| format!("/{}", part.trim_end_matches(']')))
        .collect();
    let pointer = if at.is_empty() { String::new() } else { pointer };
    let Some(rule) = conditions.pointer(&pointer) else { return at.to_owned() };
    let text = |name: &str| match rule.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let parts = [text("field"), text("operator"), text("value"), text("match"), text("measure")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

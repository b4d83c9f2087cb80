//! Conditions in a person's own words, such as `广东 近90天买过面膜 没退过款的女性`.
//!
//! The words are read by a grammar of our own, and become conditions that a person sees and can
//! change. Nothing is guessed: what cannot be read is told, and makes no condition.

mod amount;
mod clause;
mod lexicon;
mod made;
mod scan;
mod shop;
#[cfg(test)]
mod tests;
mod time;
mod vocabulary;

use base::{Date, Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

pub use shop::understood;
pub use vocabulary::Vocabulary;

use clause::{Clause, Joined, Reader};

/// Characters that are read at the most.
pub const CHARS_MAX: usize = 500;

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// The conditions, as JSON; a group, without rules when nothing was understood.
    pub expr: Value,
    /// What was understood, in the order in which it was said.
    pub understood: Vec<String>,
    /// What was not.
    pub unknown: Vec<Unknown>,
}

/// Words that make no condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The words.
    pub text: String,
    /// What is the matter with them.
    pub why: Why,
    /// Among them, the name of a thing that is not known.
    #[serde(skip)]
    pub thing: Option<String>,
}

/// Why words make no condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They are no words of this grammar, and nothing of the shop is called so.
    Unknown,
    /// No category, brand or product of the shop is called so.
    NoThing,
    /// A time, but not of what.
    NoDeed,
    /// An amount, but not of what; or a field, but not how much of it.
    NoAmount,
    /// The ages do not end where the shop's age bands do.
    AgeBands,
}

/// Reads `text`, which was written on `today`.
///
/// # Errors
/// `bad_input` for a text that is longer than [`CHARS_MAX`].
pub fn read(text: &str, vocabulary: &Vocabulary, today: Date) -> Result<Reading> {
    let narrow = perceive::clean::text::narrow(text);
    let chars: Vec<char> = narrow.chars().collect();
    if chars.len() > CHARS_MAX {
        return Err(Error::bad(format!("has more than {CHARS_MAX} characters")));
    }
    let pieces = scan::pieces(&chars, vocabulary);
    let reader = Reader::new(&chars, &pieces, vocabulary, today);
    let (clauses, unknown) = reader.read();
    let understood = clauses.iter().map(|clause| clause.text.clone()).collect();
    Ok(Reading { expr: joined(clauses), understood, unknown })
}

/// The clauses as one group: those between which somebody said *or* belong together more closely.
fn joined(clauses: Vec<Clause>) -> Value {
    let mut rules: Vec<Value> = Vec::new();
    let mut open: Vec<Value> = Vec::new();
    let mut close = |open: &mut Vec<Value>| match open.len() {
        0 => {}
        1 => rules.append(open),
        _ => {
            let any = std::mem::take(open);
            rules.push(among(&any).unwrap_or_else(|| json!({"combinator": "or", "rules": any})));
        }
    };
    for clause in clauses {
        let same = open.last().is_some_and(|before| is_same_field(before, &clause.rule));
        if clause.joined != Joined::Or && !(same && clause.joined == Joined::Beside) {
            close(&mut open);
        }
        open.push(clause.rule);
    }
    close(&mut open);
    json!({"combinator": "and", "rules": rules})
}

/// Whether both say which one value a text of a customer is: nobody is in two provinces, so that
/// two that stand side by side are a choice.
fn is_same_field(one: &Value, other: &Value) -> bool {
    let named = |rule: &Value| {
        let text = rule.get("value").is_some_and(Value::is_string);
        let equal = rule.get("operator").and_then(Value::as_str) == Some("=");
        (text && equal && rule.get("match").is_none()).then(|| rule.get("field").cloned()).flatten()
    };
    named(one).is_some_and(|field| named(other) == Some(field))
}

/// Rules that give one field values, as one rule.
fn among(rules: &[Value]) -> Option<Value> {
    let first = rules.first()?;
    if !rules.iter().all(|rule| is_same_field(first, rule)) {
        return None;
    }
    let values: Vec<&Value> = rules.iter().filter_map(|rule| rule.get("value")).collect();
    Some(json!({"field": first.get("field"), "operator": "in", "value": values}))
}

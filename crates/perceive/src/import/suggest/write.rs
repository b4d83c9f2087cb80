//! A proposal as TOML.

use std::fmt::Write as _;

use super::{BY_VALUES, Guess, IDENTIFIER, field_of, is_identifier};
use crate::import::mapping::{Field, FileSpec, Source};

/// The mapping's text. What could not be placed stands in comments.
pub(super) fn toml(file: &FileSpec, columns: &[Guess], warnings: &[String]) -> String {
    let mut text = String::from(
        "# A proposal: check it, give it a name, and import with --mapping THIS_FILE.\n",
    );
    for warning in warnings {
        line(&mut text, &format!("# ! {}", warning.replace(['\n', '\r'], " ")));
    }
    line(&mut text, "name = \"my-shop\"\nversion = 1");
    line(&mut text, "# time_zone = \"Asia/Shanghai\"\n# currency = \"CNY\"\n# country = \"CN\"\n");
    line(&mut text, &format!("[[file]]\nrole = {}", quoted(&file.role)));
    line(&mut text, &format!("record = {}", quoted(file.record.name())));
    let known = |field: &&Field| columns.iter().any(|guess| field_of(guess) == Some(**field));
    let required: Vec<String> =
        file.required.iter().filter(known).map(|field| quoted(field.name())).collect();
    line(&mut text, &format!("required = [{}]", required.join(", ")));
    if file.status_from_times {
        line(&mut text, "status_from_times = true");
    }
    line(&mut text, "\n[file.fields]");
    for (field, Source(source)) in &file.fields {
        let names: Vec<&Guess> = ordered(columns, *field, &source.column.0);
        let Some(first) = names.first() else { continue };
        let quoted_names: Vec<String> = names.iter().map(|guess| quoted(&guess.column)).collect();
        let mut parts = vec![format!("column = [{}]", quoted_names.join(", "))];
        if let Some(join) = &source.join {
            parts.push(format!("join = {}", quoted(join)));
        }
        if let Some(default) = &source.default {
            parts.push(format!("default = {}", quoted(default)));
        }
        if source.lenient {
            parts.push("lenient = true".to_owned());
        }
        if warnings.iter().any(|warning| {
            warning.starts_with(&format!("{:?} does not say which is the day", first.column))
        }) {
            parts.push("style = \"day_first\"".to_owned());
        }
        let sure = if first.confidence <= BY_VALUES {
            format!("  # {} % sure", first.confidence)
        } else {
            String::new()
        };
        line(&mut text, &format!("{} = {{ {} }}{sure}", field.name(), parts.join(", ")));
    }
    for guess in columns.iter().filter(|guess| guess.field.is_none()) {
        line(&mut text, &format!("# unknown: {}", quoted(&guess.column)));
    }
    identifiers(&mut text, file, columns);
    text
}

/// Columns of a field; those with known names in the order of the built-in mapping.
fn ordered<'g>(columns: &'g [Guess], field: Field, names: &[String]) -> Vec<&'g Guess> {
    let rank = |guess: &&Guess| {
        let key = crate::clean::text::key(&guess.column);
        names.iter().position(|name| crate::clean::text::key(name) == key)
    };
    // A column can serve several fields, such as an address that also names the region.
    let mut found: Vec<&Guess> = columns
        .iter()
        .filter(|guess| {
            field_of(guess) == Some(field) || (guess.field.is_some() && rank(guess).is_some())
        })
        .filter(|guess| !is_identifier(guess))
        .collect();
    found.sort_by_key(|guess| rank(guess).unwrap_or(usize::MAX));
    found.dedup_by_key(|guess| &guess.column);
    found
}

fn identifiers(text: &mut String, file: &FileSpec, columns: &[Guess]) {
    for spec in &file.identifiers {
        let named = |guess: &&Guess| {
            guess.field.as_deref().and_then(|f| f.strip_prefix(IDENTIFIER)) == Some(&spec.namespace)
        };
        let names: Vec<String> =
            columns.iter().filter(named).map(|guess| quoted(&guess.column)).collect();
        if names.is_empty() {
            continue;
        }
        line(text, "\n[[file.identifiers]]");
        line(text, &format!("namespace = {}", quoted(&spec.namespace)));
        line(text, &format!("column = [{}]", names.join(", ")));
        if spec.lenient {
            line(text, "lenient = true");
        }
    }
}

fn line(text: &mut String, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{content}");
}

/// A TOML string on one line, so that it can stand in a comment too.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            // Writing to a String cannot fail.
            c if c.is_control() => drop(write!(text, "\\u{:04X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

//! 埋点方案: what a shop expects of its clients' events, a JSON Schema for each.
//!
//! A message whose properties (or traits) do not fit is set aside with the reason, as every fact
//! that cannot be taken: `doctor` shows it, and it can be tried again when the plan or the client
//! is mended. Events that the plan does not name are taken as they are.

mod sql;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{Code, Error, Result, Time};
use jsonschema::Validator;
use serde_json::Value;
use store::{Cx, Tx, counter};

use crate::collect::Message;

/// Bytes of a schema at the most.
pub const SCHEMA_BYTES_MAX: usize = 64 << 10;
/// Events that a plan names at the most.
pub const RULES_MAX: usize = 500;
/// Mistakes of a message that are told.
const MISTAKES_MAX: usize = 3;
/// The version of a shop's plan.
const SERIES: &str = "tracking_plan";

/// What is expected of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The event's name; `customer.identified` for the traits of identify, `Page Viewed` for pages.
    pub event: String,
    /// A JSON Schema of the properties.
    pub schema: String,
    /// When it was stated.
    pub stated_at: Time,
}

/// A shop's plan, ready to judge messages.
#[derive(Debug, Default)]
pub struct Plan {
    version: i64,
    rules: BTreeMap<String, Validator>,
}

impl Plan {
    /// Reads the plan again if it has changed.
    ///
    /// # Errors
    /// What the database reports; `damaged` when a stored schema is none.
    pub async fn refresh(&mut self, tx: &mut Tx) -> Result<()> {
        let version = counter::last(tx, SERIES).await?;
        if version == self.version {
            return Ok(());
        }
        let mut rules = BTreeMap::new();
        for Rule { event, schema, .. } in sql::list(tx).await? {
            let broken = |cause: Error| Error::damaged("a schema is none").because(cause);
            rules.insert(event, validator(&schema).map_err(broken)?);
        }
        *self = Self { version, rules };
        Ok(())
    }

    /// Whether a message fits.
    ///
    /// # Errors
    /// `bad_input` with the first mistakes, none of which repeats what the message says.
    pub fn judge(&self, message: &Message) -> Result<()> {
        let Some(validator) = self.rules.get(&message.event) else { return Ok(()) };
        let value: Value = message.object()?;
        let mistakes = validator.iter_errors(&value).take(MISTAKES_MAX);
        let told: Vec<String> = mistakes.map(|mistake| mistake_text(&mistake)).collect();
        if told.is_empty() {
            return Ok(());
        }
        let event = &message.event;
        Err(Error::bad(format!("does not fit the plan of {event}: {}", told.join("; "))))
    }
}

/// Where and which rule, without the value: that may be personal.
fn mistake_text(mistake: &jsonschema::ValidationError<'_>) -> String {
    let place = mistake.instance_path().to_string();
    let place = if place.is_empty() { "/".to_owned() } else { place };
    format!("{place} breaks {}", mistake.schema_path())
}

fn validator(schema: &str) -> Result<Validator> {
    let field = "schema";
    if schema.len() > SCHEMA_BYTES_MAX {
        let text = format!("has more than {SCHEMA_BYTES_MAX} bytes");
        return Err(Error::new(Code::TooLarge, text).field(field));
    }
    let value: Value = serde_json::from_str(schema).map_err(|cause| {
        let (line, column) = (cause.line(), cause.column());
        Error::bad(format!("is not JSON: line {line}, column {column}")).field(field)
    })?;
    jsonschema::validator_for(&value).map_err(|cause| {
        Error::bad(format!("is no JSON Schema: {cause}"))
            .field(field)
            .hint("references to other documents are not followed")
    })
}

/// States what is expected of an event; in place of what was before.
///
/// # Errors
/// `bad_input` when the text is no JSON Schema, or the plan is full; what the database reports.
pub async fn state(cx: &Cx, event: &str, schema: &str) -> Result<()> {
    if event.trim().is_empty() {
        return Err(Error::bad("names no event").field("event"));
    }
    validator(schema)?;
    let mut tx = cx.write().await?;
    let known = sql::list(&mut tx).await?;
    if known.len() >= RULES_MAX && known.iter().all(|rule| rule.event != event) {
        let text = format!("a plan names at most {RULES_MAX} events");
        return Err(Error::new(Code::TooLarge, text));
    }
    let rule = Rule { event: event.to_owned(), schema: schema.to_owned(), stated_at: cx.now };
    sql::put(&mut tx, &rule).await?;
    counter::take(&mut tx, SERIES, 1).await?;
    tx.commit().await
}

/// Expects nothing of an event any more.
///
/// # Errors
/// `not_found` when nothing was; what the database reports.
pub async fn remove(cx: &Cx, event: &str) -> Result<()> {
    let mut tx = cx.write().await?;
    if !sql::remove(&mut tx, event).await? {
        return Err(Error::missing(format!("the plan does not name {event}")));
    }
    counter::take(&mut tx, SERIES, 1).await?;
    tx.commit().await
}

/// What is expected, by event.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx) -> Result<Vec<Rule>> {
    sql::list(&mut cx.read().await?).await
}

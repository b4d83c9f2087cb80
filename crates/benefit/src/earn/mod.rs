//! 积分规则: by what customers earn points, growth or stored value, and how much.
//!
//! A rule looks at what is: orders as they stand, events that came, who is in a segment. What
//! somebody is to have by it is worked out anew whenever that changes, and only the difference is
//! booked. So a refund takes back exactly its share, any parts of one end where the whole does,
//! and nothing is given twice, in whatever order things come.

mod deed;
mod keep;
pub mod rule;
mod settle;
mod sql;
mod stays;
#[cfg(test)]
mod tests;
mod would;

use base::{Code, Error, Result, Time};
use serde_json::Value;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};
use stratify::expr::{self, Expr, Needs};
use stratify::segment;

use crate::ledger::Unit;
pub use keep::Keeper;
use rule::{Terms, Trigger};
pub use would::{Cart, Item, Would, would};

/// Rules of a shop at the most.
pub const RULES_MAX: usize = 200;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of a note at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// The series of changes of rules.
const CHANGES: &str = "earn_change";

/// A rule by which customers earn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other one has.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// What it gives.
    pub unit: Unit,
    /// Whether it counts.
    pub active: bool,
    /// Grows with every change of what it says.
    pub version: i64,
    /// What it says.
    pub terms: Terms,
    /// The version of orders up to which it has looked at them.
    pub orders_seen: i64,
    /// Up to when it has looked at events that were received, in microseconds.
    pub events_seen: i64,
    /// Who made it.
    pub owner: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub edited_at: Time,
}

/// What a rule is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// What it gives; a rule that there is keeps its own.
    pub unit: Unit,
    /// Whether it counts.
    pub active: bool,
    /// What it says.
    pub terms: Terms,
}

/// What a rule has given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// How much in all, what is expected included and what was taken back not.
    pub amount: i64,
    /// For how many things.
    pub things: i64,
}

impl Rule {
    /// The conditions on customers, if there are any.
    ///
    /// # Errors
    /// `bad_input` where they make no sense any more.
    pub fn condition(&self) -> Result<Option<Expr>> {
        self.terms.condition.as_ref().map(expr::read).transpose()
    }

    /// What working out who is meant depends on.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let condition = self.condition().ok().flatten();
        condition.as_ref().map(Needs::of).unwrap_or_default()
    }
}

fn missing() -> Error {
    Error::missing("there is no such rule").field("rule_id")
}

/// The rules of the context's shop, by number, with what each has given.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx) -> Result<Vec<(Rule, Total)>> {
    let mut tx = cx.read().await?;
    let totals = sql::totals(&mut tx).await?;
    let of = |number: i64| {
        let own = totals.iter().find(|(rule, ..)| *rule == number);
        own.map(|(_, amount, things)| Total { amount: *amount, things: *things })
    };
    let rules = sql::list(&mut tx).await?.into_iter();
    let told = rules.map(|rule| {
        let total = of(rule.number).unwrap_or_default();
        (rule, total)
    });
    Ok(told.collect())
}

/// Makes a rule.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `too_large` when
/// there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Rule> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    let rules = sql::list(&mut tx).await?;
    if rules.len() >= RULES_MAX {
        return Err(Error::new(Code::TooLarge, format!("a shop has at most {RULES_MAX} rules")));
    }
    let number = counter::take(&mut tx, "earn_rule", 1).await?;
    let Wish { name, note, unit, active, terms } = wish;
    let rule = Rule {
        number,
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        unit,
        active,
        version: 1,
        terms,
        orders_seen: 0,
        events_seen: 0,
        owner: cx.actor.to_string(),
        created_at: cx.now,
        edited_at: cx.now,
    };
    put(tx, cx, (&rules, None, rule)).await
}

/// Changes a rule: what is looked at from now on counts by its new terms. What was given stays
/// given by the terms by which it was, also when its order changes.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Rule> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    let rules = sql::list(&mut tx).await?;
    let before = rules.iter().find(|rule| rule.number == number).ok_or_else(missing)?.clone();
    let stays = |field: &str| {
        Err(Error::conflict("stays what it is").field(field).hint("make another rule"))
    };
    if before.unit != wish.unit {
        return stays("unit");
    }
    if before.terms.trigger != wish.terms.trigger {
        return stays("terms.trigger");
    }
    let Wish { name, note, active, terms, .. } = wish;
    let version = before.version + i64::from(terms != before.terms);
    let rule = Rule {
        version,
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        active,
        terms,
        edited_at: cx.now,
        ..before.clone()
    };
    put(tx, cx, (&rules, Some(&before), rule)).await
}

async fn put(
    mut tx: Tx,
    cx: &Cx,
    (rules, before, rule): (&[Rule], Option<&Rule>, Rule),
) -> Result<Rule> {
    let same = |other: &&Rule| other.number != rule.number && other.name == rule.name;
    if rules.iter().any(|other| same(&other)) {
        return Err(Error::conflict("another rule has this name").field("name"));
    }
    sql::put(&mut tx, &rule).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let shown = |rule: &Rule| {
        serde_json::json!({
            "name": rule.name, "note": rule.note, "unit": rule.unit.name(),
            "active": rule.active, "terms": rule.terms,
        })
        .to_string()
    };
    let action = if before.is_some() { "earn.edit" } else { "earn.make" };
    let (target, before) = (rule.number.to_string(), before.map(shown));
    let after = Some(shown(&rule));
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await?;
    Ok(rule)
}

/// Removes a rule that has given nothing.
///
/// # Errors
/// `not_found` when there is none, `conflict` when somebody has something by it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let mut tx = cx.write().await?;
    let rules = sql::list(&mut tx).await?;
    let rule = rules.into_iter().find(|rule| rule.number == number).ok_or_else(missing)?;
    if !sql::receivers(&mut tx, number).await?.is_empty() {
        return Err(Error::conflict("customers have something by this rule")
            .hint("switch it off: what they have stays, and refunds still take back their share"));
    }
    sql::remove(&mut tx, number).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let target = number.to_string();
    let deed = Deed { action: "earn.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(rule.name), ..deed }).await
}

async fn check(cx: &Cx, wish: &Wish) -> Result<()> {
    let length = wish.name.trim().chars().count();
    if !(1..=NAME_CHARS_MAX).contains(&length) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if wish.note.trim().chars().count() > NOTE_CHARS_MAX {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    wish.terms.check().map_err(within_terms)?;
    if let Some(condition) = &wish.terms.condition {
        open_only(cx, condition).await.map_err(|error| match error.field.as_deref() {
            Some("expr" | "expression") | None => error.field("terms.condition"),
            _ => error,
        })?;
    }
    if let Trigger::Segment { segment } = wish.terms.trigger {
        segment::open(cx, segment).await.map_err(|error| error.field("terms.trigger.segment"))?;
    }
    Ok(())
}

/// The same with its field told as it stands in what was sent.
fn within_terms(error: Error) -> Error {
    let field = format!("terms.{}", error.field.as_deref().unwrap_or_default());
    error.field(field)
}

/// Refuses conditions that read what the shop keeps to itself: by what somebody earns it could be
/// told who fits.
async fn open_only(cx: &Cx, condition: &Value) -> Result<()> {
    let expr = expr::read(condition)?;
    segment::check_names(cx, &expr, None).await?;
    if segment::sets(cx, &Needs::of(&expr)).await?.are_private(&expr) {
        return Err(Error::new(Code::Forbidden, "they read what the shop keeps to itself"));
    }
    Ok(())
}

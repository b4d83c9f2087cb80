//! Reading a behaviour: a rule whose field is a collection.
//!
//! `{"field": "purchases", "match": {"mode": "atLeast", "threshold": 2}, "value": group}` is
//! react-querybuilder's own form of a condition on a list of things; the group's rules are about
//! one row. `measure` takes the place of `match` where the rows are not to be counted, and `then`
//! says what has to follow each row, or must not.

use std::borrow::Cow;

use base::Result;
use serde_json::{Value, json};

use super::super::check;
use super::super::field::{Collection, Field, Kind};
use super::super::wire::{Object, Reader, Scope, only, rule, text};
use super::super::{Check, Expr};
use super::{Behaviour, MEASURE, Measure, Steps, Then};

/// Days after which something counts half, where a measure does not say.
const HALF_LIFE_DAYS: u32 = 90;
/// The same at the most.
const HALF_LIFE_DAYS_MAX: u32 = 3_650;
/// Steps that may follow each other.
const STEPS_MAX: usize = 8;

/// Reads a behaviour.
pub(in super::super) fn read(
    reader: &mut Reader,
    object: &Object,
    of: Collection,
    scope: &Scope,
) -> Result<Behaviour> {
    let known = [
        "id",
        "path",
        "field",
        "operator",
        "value",
        "valueSource",
        "match",
        "measure",
        "then",
        "disabled",
        "muted",
    ];
    only(object, &known, scope)?;
    match object.get("operator").and_then(Value::as_str) {
        None | Some("" | "=") => {}
        Some(operator) => {
            let text = format!("{operator:?} is no operator for {}", of.name());
            return Err(scope.bad(text).hint("say with `match` how many there are"));
        }
    }
    let steps = steps(reader, object, (of, 1), scope)?;
    let (measure, is) = match (object.get("match"), object.get("measure")) {
        (Some(_), Some(_)) => {
            return Err(scope.bad("`match` and `measure` do not go together"));
        }
        (wish, None) => (Measure::Count, matches(wish, scope)?),
        (None, Some(wish)) => measured(wish, of, scope)?,
    };
    Ok(Behaviour { at: scope.at.clone(), steps, measure, is })
}

fn steps(
    reader: &mut Reader,
    object: &Object,
    (of, step): (Collection, usize),
    scope: &Scope,
) -> Result<Steps> {
    let within = Scope { rows: Some(of), ..scope.within("value") };
    let rows = match object.get("value") {
        None | Some(Value::Null) => Expr::All(Vec::new()),
        Some(Value::String(empty)) if empty.is_empty() => Expr::All(Vec::new()),
        Some(group) => reader.part(group, &within)?,
    };
    let then = match object.get("then") {
        None | Some(Value::Null) => None,
        Some(_) if step >= STEPS_MAX => {
            return Err(scope.bad(format!("at most {STEPS_MAX} steps follow each other")));
        }
        Some(then) => Some(Box::new(follows(reader, then, step, &scope.within("then"))?)),
    };
    Ok(Steps { of, rows, then })
}

fn follows(reader: &mut Reader, value: &Value, step: usize, scope: &Scope) -> Result<Then> {
    let object = value.as_object().ok_or_else(|| scope.bad("is no object"))?;
    only(object, &["field", "match", "value", "within", "then"], scope)?;
    let name = text(object, "field", scope)?;
    let of = Collection::named(name).ok_or_else(|| no_collection(name, scope))?;
    let mode = object.get("match").and_then(|wish| wish.get("mode")).and_then(Value::as_str);
    let follows = match mode {
        None | Some("some") => true,
        Some("none") => false,
        Some(_) => return Err(scope.bad("what follows is matched by one of: some, none")),
    };
    let within = match object.get("within") {
        None | Some(Value::Null) => None,
        Some(within) => {
            let own = within.as_object().ok_or_else(|| scope.bad("`within` is no object"))?;
            only(own, &["count", "unit"], scope)?;
            let unit = check::unit(own, scope)?;
            Some((check::count(own.get("count").unwrap_or(&Value::Null), unit, scope)?, unit))
        }
    };
    let steps = steps(reader, object, (of, step + 1), scope)?;
    if !follows && steps.then.is_some() {
        return Err(scope.bad("nothing can follow what must not happen"));
    }
    Ok(Then { follows, within, steps })
}

fn no_collection(name: &str, scope: &Scope) -> base::Error {
    let known: Vec<&str> = Collection::ALL.iter().map(|(name, _)| *name).collect();
    scope
        .bad(format!("there is no collection {name:?}"))
        .hint(format!("there are: {}", known.join(", ")))
}

/// The condition on a count that a match mode means.
fn matches(wish: Option<&Value>, scope: &Scope) -> Result<Expr> {
    let none = json!({"mode": "some"});
    let wish = wish.unwrap_or(&none);
    let threshold = wish.get("threshold").cloned().unwrap_or_else(|| Value::from(1));
    let (operator, value) = match wish.get("mode").and_then(Value::as_str) {
        Some("some") => (">=", Value::from(1)),
        Some("none") => ("=", Value::from(0)),
        Some("atLeast") => (">=", threshold),
        Some("atMost") => ("<=", threshold),
        Some("exactly") => ("=", threshold),
        Some("all") => {
            let hint = "match none of those for which the opposite holds";
            return Err(scope.bad("the match mode `all` is not offered").hint(hint));
        }
        _ => {
            return Err(scope.bad("the match modes are: some, none, atLeast, atMost, exactly"));
        }
    };
    condition(Kind::Number, operator, &value, scope)
}

/// A condition on a measure.
fn condition(kind: Kind, operator: &str, value: &Value, scope: &Scope) -> Result<Expr> {
    let field = Field { name: Cow::Borrowed(MEASURE), kind };
    if operator == "top" {
        let top = Check::Top(check::largest(value, scope)?);
        return Ok(rule(field, top, &scope.within(MEASURE)));
    }
    check::read(
        &field,
        operator,
        value,
        &Scope { rows: Some(Collection::Orders), ..scope.within(MEASURE) },
    )
}

/// Days after which something counts half.
fn half_life(object: &Object, scope: &Scope) -> Result<u32> {
    let Some(value) = object.get("half_life") else { return Ok(HALF_LIFE_DAYS) };
    let days = value.as_u64().and_then(|days| u32::try_from(days).ok());
    let days = days.filter(|days| (1..=HALF_LIFE_DAYS_MAX).contains(days));
    days.ok_or_else(|| scope.bad(format!("`half_life` is 1 to {HALF_LIFE_DAYS_MAX} days")))
}

fn measured(wish: &Value, of: Collection, scope: &Scope) -> Result<(Measure, Expr)> {
    let object = wish.as_object().ok_or_else(|| scope.bad("`measure` is no object"))?;
    only(object, &["of", "field", "half_life", "operator", "value"], scope)?;
    let name = text(object, "of", scope)?;
    let field = || {
        let name = text(object, "field", scope)?;
        let found = of.field(name, Kind::Fraction);
        found.ok_or_else(|| scope.bad(format!("{} have no field {name:?}", of.name())))
    };
    let numbers = |field: Field| match field.kind {
        Kind::Number | Kind::Time | Kind::Fraction => Ok(field),
        _ => Err(scope.bad(format!("{} is no number", field.name))),
    };
    let (measure, kind) = match name {
        "count" => (Measure::Count, Kind::Number),
        "distinct" => (Measure::Distinct(field()?), Kind::Number),
        "sum" => {
            let field = numbers(field()?)?;
            let kind = field.kind;
            (Measure::Sum(field), kind)
        }
        "average" => (Measure::Average(numbers(field()?)?), Kind::Fraction),
        "least" | "most" => {
            let field = numbers(field()?)?;
            let kind = field.kind;
            match name {
                "least" => (Measure::Least(field), kind),
                _ => (Measure::Most(field), kind),
            }
        }
        "recent" => (Measure::Recent(half_life(object, scope)?), Kind::Fraction),
        "first" => (Measure::First, Kind::Time),
        "last" => (Measure::Last, Kind::Time),
        _ => {
            let known = "count, recent, distinct, sum, average, least, most, first, last";
            return Err(scope
                .bad(format!("there is no measure {name:?}"))
                .hint(format!("there are: {known}")));
        }
    };
    if let Measure::Sum(field) | Measure::Average(field) = &measure
        && field.kind == Kind::Time
    {
        return Err(scope.bad(format!("{} has no sum", field.name)));
    }
    let value = object.get("value").unwrap_or(&Value::Null);
    Ok((measure, condition(kind, text(object, "operator", scope)?, value, scope)?))
}

//! Reading what a rule's value must be.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use base::{Date, Result, Time};
use lake::mask::{Pattern, Texts};
use serde_json::Value;

use super::field::{Field, Kind, has_top, operators};
use super::when::{HOURS_MAX, Unit, When, Window};
use super::wire::{LIST_MAX, Object, Scope, TEXT_MAX, only, rule};
use super::{Check, Expr, Numbers, Spell, Top};

/// Units that a window may have: a century of days.
pub(super) const UNITS_MAX: u32 = 36_525;
/// Numbers that need not be whole in a list at the most.
const FRACTIONS_MAX: usize = 1_000;
/// A range without a number in it.
const NOTHING: Numbers = Numbers::Range(1, 0);

/// Reads a rule on a field.
pub(super) fn read(field: &Field, operator: &str, value: &Value, scope: &Scope) -> Result<Expr> {
    let made = |check: Check| rule(field.clone(), check, scope);
    match operator {
        "null" | "notNull" if field.kind == Kind::Set => {
            return Err(no_operator(field, operator, scope));
        }
        "null" => return Ok(made(Check::Missing(true))),
        "notNull" => return Ok(made(Check::Missing(false))),
        "top" => return Ok(made(Check::Top(top(field, value, scope)?))),
        _ => {}
    }
    let (operator, not) = opposite(operator);
    let unknown = || made(Check::Unknown);
    let expr = match (operator, value) {
        ("between", value) => {
            let (first, last) = pair(value, scope)?;
            let one = |operator, value: &Value| -> Result<Expr> {
                if value.is_null() {
                    return Ok(unknown());
                }
                Ok(made(single(field, operator, value, scope)?))
            };
            if matches!(field.kind, Kind::Text | Kind::Truth | Kind::Sealed | Kind::Day | Kind::Set)
            {
                return Err(no_operator(field, "between", scope));
            }
            Expr::All(vec![one(">=", &first)?, one("<=", &last)?])
        }
        ("in", value) => {
            let (values, null) = list(value, scope)?;
            let among = match field.kind {
                Kind::Fraction => fractions(field, &values, scope)?,
                _ => made(among(field, &values, scope)?),
            };
            if null { Expr::Any(vec![among, unknown()]) } else { among }
        }
        (_, Value::Null) => {
            single(field, operator, &example(field.kind), scope)?;
            unknown()
        }
        (operator, value) => made(single(field, operator, value, scope)?),
    };
    Ok(if not { Expr::Not(Box::new(expr)) } else { expr })
}

/// A value that goes with a kind, to learn whether an operator does.
fn example(kind: Kind) -> Value {
    match kind {
        Kind::Number | Kind::Fraction => Value::from(0),
        Kind::Set => Value::from(1),
        Kind::Time => Value::from("today"),
        Kind::Text | Kind::Sealed => Value::from(""),
        Kind::Day => Value::from("05-17"),
        Kind::Truth => Value::from(true),
    }
}

/// The operator whose opposite this is, if it is one.
fn opposite(operator: &str) -> (&str, bool) {
    match operator {
        "!=" => ("=", true),
        "notIn" => ("in", true),
        "notBetween" => ("between", true),
        "doesNotContain" => ("contains", true),
        "doesNotBeginWith" => ("beginsWith", true),
        "doesNotEndWith" => ("endsWith", true),
        "notLike" => ("like", true),
        "notWithin" => ("within", true),
        other => (other, false),
    }
}

fn no_operator(field: &Field, operator: &str, scope: &Scope) -> base::Error {
    let known = operators(field.kind).join(", ");
    let text = format!("{operator:?} is no operator for {}", field.name);
    scope.bad(text).hint(format!("the operators are: {known}"))
}

/// A check against one value that is there.
fn single(field: &Field, operator: &str, value: &Value, scope: &Scope) -> Result<Check> {
    let wrong = || no_operator(field, operator, scope);
    match field.kind {
        Kind::Number => {
            let (floor, exact) = number(value, scope)?;
            let below = if exact { floor.checked_sub(1) } else { Some(floor) };
            let above = if exact { Some(floor) } else { floor.checked_add(1) };
            let until = |most: Option<i64>| most.map(|most| Numbers::Range(i64::MIN, most));
            let from = |least: Option<i64>| least.map(|least| Numbers::Range(least, i64::MAX));
            let numbers = match operator {
                "=" => exact.then_some(Numbers::Range(floor, floor)),
                "<" => until(below),
                "<=" => until(Some(floor)),
                ">" => from(floor.checked_add(1)),
                ">=" => from(above),
                _ => return Err(wrong()),
            };
            Ok(Check::Number(numbers.unwrap_or(NOTHING)))
        }
        Kind::Fraction => {
            let ways = ways(operator).ok_or_else(wrong)?;
            Ok(Check::Fraction(ways, fraction(value, scope)?))
        }
        Kind::Time => Ok(Check::Time(match operator {
            "=" => Spell::At(moment(value, scope)?),
            "<" => Spell::Before(moment(value, scope)?),
            "<=" => Spell::Until(moment(value, scope)?),
            ">" => Spell::After(moment(value, scope)?),
            ">=" => Spell::From(moment(value, scope)?),
            "within" => Spell::Within(window(value, scope)?),
            "anniversary" => Spell::Anniversary(window(value, scope)?, false),
            "lunarAnniversary" => Spell::Anniversary(window(value, scope)?, true),
            _ => return Err(wrong()),
        })),
        Kind::Text => {
            let text = text(value, scope)?;
            Ok(Check::Text(match operator {
                "=" => Texts::Is(text.into()),
                "contains" => Texts::Hold(text.into()),
                "beginsWith" => Texts::Start(text.into()),
                "endsWith" => Texts::End(text.into()),
                "like" => Texts::Like(Arc::new(Pattern::new(&text))),
                _ => return Err(wrong()),
            }))
        }
        Kind::Sealed if operator == "=" => Ok(Check::Text(Texts::Is(text(value, scope)?.into()))),
        Kind::Day => match operator {
            "=" => Ok(Check::Text(Texts::Is(month_day(value, scope)?.into()))),
            "anniversary" => Ok(Check::Time(Spell::Anniversary(window(value, scope)?, false))),
            _ => Err(wrong()),
        },
        Kind::Truth if operator == "=" => Ok(Check::Truth(truth(value, scope)?)),
        Kind::Set if operator == "=" => Ok(Check::Member([set(value, scope)?].into())),
        Kind::Sealed | Kind::Truth | Kind::Set => Err(wrong()),
    }
}

/// A number that need not be whole is one of some.
fn fractions(field: &Field, values: &[Cow<'_, Value>], scope: &Scope) -> Result<Expr> {
    if values.len() > FRACTIONS_MAX {
        let text = format!("a list of such numbers has at most {FRACTIONS_MAX}");
        return Err(base::Error::new(base::Code::TooLarge, text).field(&scope.at));
    }
    let one =
        |value: &Cow<'_, Value>| Ok(rule(field.clone(), single(field, "=", value, scope)?, scope));
    Ok(Expr::Any(values.iter().map(one).collect::<Result<_>>()?))
}

/// The number of a set.
fn set(value: &Value, scope: &Scope) -> Result<i64> {
    match number(value, scope)? {
        (number, true) if number > 0 => Ok(number),
        _ => Err(scope.bad(format!("{value} is no id"))),
    }
}

/// A check against a list.
fn among(field: &Field, values: &[Cow<'_, Value>], scope: &Scope) -> Result<Check> {
    match field.kind {
        Kind::Number => {
            let numbers = values.iter().map(|value| number(value, scope));
            let numbers = numbers.filter_map(|number| match number {
                Ok((_, false)) => None,
                Ok((number, true)) => Some(Ok(number)),
                Err(error) => Some(Err(error)),
            });
            let mut numbers = numbers.collect::<Result<Vec<i64>>>()?;
            numbers.sort_unstable();
            numbers.dedup();
            Ok(Check::Number(Numbers::Among(numbers.into())))
        }
        Kind::Time => {
            let moments = values.iter().map(|value| moment(value, scope));
            Ok(Check::Time(Spell::Among(moments.collect::<Result<_>>()?)))
        }
        Kind::Text | Kind::Sealed => {
            let texts = values.iter().map(|value| text(value, scope).map(String::into_boxed_str));
            let texts = texts.collect::<Result<HashSet<Box<str>>>>()?;
            Ok(Check::Text(Texts::Among(Arc::new(texts))))
        }
        Kind::Day => {
            let days = values.iter().map(|day| month_day(day, scope).map(String::into_boxed_str));
            Ok(Check::Text(Texts::Among(Arc::new(days.collect::<Result<_>>()?))))
        }
        Kind::Set => {
            let numbers = values.iter().map(|value| set(value, scope));
            Ok(Check::Member(numbers.collect::<Result<Vec<i64>>>()?.into()))
        }
        Kind::Truth | Kind::Fraction => Err(no_operator(field, "in", scope)),
    }
}

/// The values of a list, and whether there is a missing one among them. A text is a list with
/// commas.
fn list<'a>(value: &'a Value, scope: &Scope) -> Result<(Vec<Cow<'a, Value>>, bool)> {
    let values: Vec<Cow<'a, Value>> = match value {
        Value::Array(values) => values.iter().map(Cow::Borrowed).collect(),
        Value::String(text) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(|part| Cow::Owned(Value::from(part))).collect()
        }
        Value::Null => return Ok((Vec::new(), true)),
        other => vec![Cow::Borrowed(other)],
    };
    if values.len() > LIST_MAX {
        let text = format!("a list has at most {LIST_MAX} values");
        return Err(base::Error::new(base::Code::TooLarge, text).field(&scope.at));
    }
    let before = values.len();
    let there: Vec<_> = values.into_iter().filter(|value| !value.is_null()).collect();
    let null = there.len() < before;
    Ok((there, null))
}

fn pair(value: &Value, scope: &Scope) -> Result<(Value, Value)> {
    let parts: Vec<Value> = match value {
        Value::Array(parts) => parts.clone(),
        Value::String(text) => text.split(',').map(|part| Value::from(part.trim())).collect(),
        _ => Vec::new(),
    };
    match <[Value; 2]>::try_from(parts) {
        Ok([first, last]) => Ok((first, last)),
        Err(_) => Err(scope.bad("`value` is a list of two, the first and the last")),
    }
}

/// A number: the largest whole one that is not above it, and whether it is that.
pub(super) fn number(value: &Value, scope: &Scope) -> Result<(i64, bool)> {
    let fraction = match value {
        Value::Number(number) if number.is_i64() => {
            return Ok((number.as_i64().unwrap_or_default(), true));
        }
        Value::String(text) if text.trim().parse::<i64>().is_ok() => {
            return Ok((text.trim().parse().unwrap_or_default(), true));
        }
        value => fraction(value, scope)?,
    };
    let floor = fraction.floor();
    #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
    #[expect(clippy::float_cmp, reason = "a float is whole or it is not")]
    Ok((floor as i64, floor == fraction))
}

fn fraction(value: &Value, scope: &Scope) -> Result<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .filter(|number| number.is_finite())
        .ok_or_else(|| scope.bad(format!("{value} is no number")).hint("money is in minor units"))
}

/// The ways in which two values may compare for an operator: less, equal, greater.
pub(super) fn ways(operator: &str) -> Option<[bool; 3]> {
    Some(match operator {
        "<" => [true, false, false],
        "<=" => [true, true, false],
        "=" => [false, true, false],
        ">=" => [false, true, true],
        ">" => [false, false, true],
        _ => return None,
    })
}

fn text(value: &Value, scope: &Scope) -> Result<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(scope.bad(format!("{value} is no text"))),
    };
    if text.chars().count() > TEXT_MAX {
        return Err(scope.bad(format!("a text has at most {TEXT_MAX} characters")));
    }
    Ok(text)
}

/// A day of each year, `05-17`.
fn month_day(value: &Value, scope: &Scope) -> Result<String> {
    let said = text(value, scope)?;
    // A leap year has every day that there is.
    let day = format!("2000-{}", said.trim()).parse::<Date>().ok();
    let day = day.filter(|_| said.trim().len() == "05-17".len());
    let day = day.ok_or_else(|| scope.bad(format!("{value} is no day")).hint("such as 05-17"))?;
    let civil = day.civil();
    Ok(format!("{:02}-{:02}", civil.month(), civil.day()))
}

fn truth(value: &Value, scope: &Scope) -> Result<bool> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        _ => Err(scope.bad(format!("{value} is not true or false"))),
    }
}

fn top(field: &Field, value: &Value, scope: &Scope) -> Result<Top> {
    if field.kind != Kind::Number || scope.rows.is_some() || !has_top(&field.name) {
        return Err(no_operator(field, "top", scope));
    }
    largest(value, scope)
}

/// How many of those with the largest value are meant.
pub(super) fn largest(value: &Value, scope: &Scope) -> Result<Top> {
    let share = value.get("share").and_then(Value::as_f64);
    let count = value.get("count").or(Some(value)).and_then(Value::as_u64);
    match (share, count) {
        (Some(share), _) if (0.0..=1.0).contains(&share) => Ok(Top::Share(share)),
        (None, Some(count)) => Ok(Top::Count(count)),
        _ => Err(scope.bad("`value` is a number of people, or {\"share\": 0.1}")),
    }
}

pub(super) fn unit(object: &Object, scope: &Scope) -> Result<Unit> {
    named_unit(object.get("unit").and_then(Value::as_str).unwrap_or("day"), scope)
}

fn named_unit(name: &str, scope: &Scope) -> Result<Unit> {
    match name {
        "minute" => Ok(Unit::Minute),
        "hour" => Ok(Unit::Hour),
        "day" => Ok(Unit::Day),
        "week" => Ok(Unit::Week),
        "month" => Ok(Unit::Month),
        "quarter" => Ok(Unit::Quarter),
        "year" => Ok(Unit::Year),
        _ => {
            let known = "the units are: minute, hour, day, week, month, quarter, year";
            Err(scope.bad(format!("there is no unit {name:?}")).hint(known))
        }
    }
}

/// A count of units; hours and minutes are exact, and for as long as that makes sense.
pub(super) fn count(value: &Value, unit: Unit, scope: &Scope) -> Result<u32> {
    let most = match unit {
        Unit::Minute => HOURS_MAX * 60,
        Unit::Hour => HOURS_MAX,
        _ => UNITS_MAX,
    };
    let count = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64().and_then(|count| u32::try_from(count).ok()),
    };
    count.filter(|count| *count <= most).ok_or_else(|| {
        let error = scope.bad(format!("{value} is no whole number from 0 to {most}"));
        match unit {
            Unit::Minute | Unit::Hour => error.hint("beyond 48 hours, count in days"),
            _ => error,
        }
    })
}

/// A moment.
pub(super) fn moment(value: &Value, scope: &Scope) -> Result<When> {
    let wrong = || {
        let examples =
            "such as 2026-11-22, 2026-11-22T08:30, today or {\"ago\": 30, \"unit\": \"day\"}";
        scope.bad(format!("{value} is no time")).hint(examples)
    };
    if let Some(object) = value.as_object() {
        only(object, &["ago", "ahead", "unit"], scope)?;
        let unit = unit(object, scope)?;
        let away = |value: &Value| count(value, unit, scope).map(|n| i32::try_from(n).unwrap_or(0));
        return match (object.get("ago"), object.get("ahead")) {
            (Some(ago), None) => Ok(When::Away(-away(ago)?, unit)),
            (None, Some(ahead)) => Ok(When::Away(away(ahead)?, unit)),
            _ => Err(wrong()),
        };
    }
    let text = value.as_str().map(str::trim).ok_or_else(wrong)?;
    match text {
        "now" => return Ok(When::Away(0, Unit::Minute)),
        "today" => return Ok(When::Away(0, Unit::Day)),
        "yesterday" => return Ok(When::Away(-1, Unit::Day)),
        "tomorrow" => return Ok(When::Away(1, Unit::Day)),
        _ => {}
    }
    if text.len() <= "-9999-12-31".len()
        && let Ok(day) = text.parse::<Date>()
    {
        return Ok(When::Day(day));
    }
    if let Ok(time) = text.parse::<Time>() {
        return Ok(When::Instant(time));
    }
    text.parse().map(When::Local).map_err(|_| wrong())
}

/// A window.
pub(super) fn window(value: &Value, scope: &Scope) -> Result<Window> {
    let Some(object) = value.as_object() else {
        let when = moment(value, scope)?;
        return Ok(Window::Between(Some(when), Some(when)));
    };
    let known = [
        "last", "next", "this", "previous", "unit", "count", "from", "to", "season", "ago", "ahead",
    ];
    only(object, &known, scope)?;
    let calendar = |name: &Value| named_unit(name.as_str().unwrap_or_default(), scope);
    if let Some(last) = object.get("last") {
        let unit = unit(object, scope)?;
        return Ok(Window::Last(count(last, unit, scope)?, unit));
    }
    if let Some(next) = object.get("next") {
        let unit = unit(object, scope)?;
        return Ok(Window::Next(count(next, unit, scope)?, unit));
    }
    if let Some(this) = object.get("this") {
        return Ok(Window::Calendar(0, calendar(this)?));
    }
    if let Some(previous) = object.get("previous") {
        let unit = calendar(previous)?;
        let before = object.get("count").map(|count_| count(count_, unit, scope)).transpose()?;
        return Ok(Window::Calendar(before.unwrap_or(1), unit));
    }
    if let Some(season) = object.get("season") {
        return self::season(season, scope);
    }
    if object.contains_key("ago") || object.contains_key("ahead") {
        let when = moment(value, scope)?;
        return Ok(Window::Between(Some(when), Some(when)));
    }
    let bound = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => moment(value, scope).map(Some),
    };
    let (from, to) = (bound("from")?, bound("to")?);
    if from.is_none() && to.is_none() {
        let examples = "such as {\"last\": 90, \"unit\": \"day\"} or {\"from\": \"2026-02-01\"}";
        return Err(scope.bad("the window says no time").hint(examples));
    }
    Ok(Window::Between(from, to))
}

fn season(value: &Value, scope: &Scope) -> Result<Window> {
    let wrong = || {
        let example = r#"{"season": {"from": "02-01", "to": "03-15", "year": -1, "lunar": false}}"#;
        scope.bad("a season has a first and a last day").hint(format!("such as {example}"))
    };
    let object = value.as_object().ok_or_else(wrong)?;
    only(object, &["from", "to", "year", "lunar"], scope)?;
    let month_day = |name: &str| {
        let text = object.get(name).and_then(Value::as_str)?;
        let (month, day) = text.split_once('-')?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day))
    };
    let year = object.get("year").map_or(Some(0), Value::as_i64);
    let year = year.and_then(|year| i16::try_from(year).ok()).ok_or_else(wrong)?;
    let lunar = object.get("lunar").and_then(Value::as_bool).unwrap_or(false);
    let (from, to) = month_day("from").zip(month_day("to")).ok_or_else(wrong)?;
    Ok(Window::Season { from, to, year, lunar })
}

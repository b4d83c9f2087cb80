//! An expression of one customer: whether it holds, and why.

use std::borrow::Cow;

use base::{Result, Time};
use lake::mask::compares_as;
use serde::Serialize;

use super::behaviour::MEASURE;
use super::{At, Behaviour, Check, Expr, Kind, Measured, Rule};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// A whole number.
    Number(i64),
    /// An instant, as RFC 3339 in UTC.
    Time(String),
    /// A text.
    Text(String),
    /// A truth value.
    Truth(bool),
    /// A fraction.
    Fraction(f64),
}

/// Fields of a customer or of a row.
pub trait Values {
    /// The value of a field of whole numbers or instants.
    fn number(&self, name: &str) -> Option<i64>;
    /// The value of a field of texts.
    fn text(&self, name: &str) -> Option<Cow<'_, str>>;
    /// The value of a field of truth values.
    fn truth(&self, name: &str) -> Option<bool>;
    /// The value of a field of fractions.
    fn fraction(&self, name: &str) -> Option<f64>;
}

/// What is known of one customer.
pub trait Subject: Values {
    /// The measure of what the customer did.
    ///
    /// # Errors
    /// `bad_input` for times out of range.
    fn measure(&self, behaviour: &Behaviour) -> Result<Option<Measured>>;
    /// Whether the condition that stands there, which is about all customers or about what is
    /// sealed, holds.
    fn apart(&self, at: &str) -> Option<bool>;
}

/// Why an expression holds or does not: the same tree with what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// Where the condition stands in the expression; none for groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whether it holds; nothing where a missing value leaves that open.
    pub held: Option<bool>,
    /// The value that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// How the parts below are joined: `and`, `or` or `not`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combinator: Option<&'static str>,
    /// The parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Self>,
}

/// Whether an expression holds for a customer, and why.
///
/// # Errors
/// `bad_input` for times out of range.
pub fn explain(expr: &Expr, subject: &dyn Subject, at: At<'_>) -> Result<Reason> {
    let group = |combinator, held, parts| Reason {
        at: None,
        held,
        found: None,
        combinator: Some(combinator),
        parts,
    };
    let all = |parts: &[Expr]| {
        parts.iter().map(|part| explain(part, subject, at)).collect::<Result<Vec<_>>>()
    };
    Ok(match expr {
        Expr::All(parts) => {
            let parts = all(parts)?;
            group("and", both(parts.iter().map(|part| part.held)), parts)
        }
        Expr::Any(parts) => {
            let parts = all(parts)?;
            group("or", either(parts.iter().map(|part| part.held)), parts)
        }
        Expr::Not(part) => {
            let part = explain(part, subject, at)?;
            group("not", part.held.map(|held| !held), vec![part])
        }
        Expr::Rule(rule) => Reason {
            at: Some(rule.at.clone()),
            held: passes(rule, subject, at)?.unwrap_or_else(|| subject.apart(&rule.at)),
            found: found(rule, subject),
            combinator: None,
            parts: Vec::new(),
        },
        Expr::Did(behaviour) => {
            let measured = subject.measure(behaviour)?;
            let found = measured.map(|measured| match measured {
                Measured::Whole(number) => whole(number, behaviour.measure.is_time()),
                Measured::Fraction(number) => Found::Fraction(number),
            });
            let held = match behaviour.top() {
                Some(_) => subject.apart(&behaviour.at),
                None => is(&behaviour.is, measured, at)?,
            };
            Reason {
                at: Some(behaviour.at.clone()),
                held,
                found,
                combinator: None,
                parts: Vec::new(),
            }
        }
    })
}

/// Whether a measure is as a behaviour wants it.
pub(super) fn is(expr: &Expr, measured: Option<Measured>, at: At<'_>) -> Result<Option<bool>> {
    struct Only(Option<Measured>);
    impl Values for Only {
        fn number(&self, _: &str) -> Option<i64> {
            match self.0? {
                Measured::Whole(number) => Some(number),
                Measured::Fraction(_) => None,
            }
        }
        fn text(&self, _: &str) -> Option<Cow<'_, str>> {
            None
        }
        fn truth(&self, _: &str) -> Option<bool> {
            None
        }
        #[expect(clippy::cast_precision_loss, reason = "a fraction is not exact")]
        fn fraction(&self, _: &str) -> Option<f64> {
            Some(match self.0? {
                Measured::Whole(number) => number as f64,
                Measured::Fraction(number) => number,
            })
        }
    }
    row(expr, &Only(measured), at)
}

/// Whether an expression about a row holds for it.
///
/// # Errors
/// `bad_input` for times out of range.
pub fn row(expr: &Expr, values: &dyn Values, at: At<'_>) -> Result<Option<bool>> {
    let all =
        |parts: &[Expr]| parts.iter().map(|part| row(part, values, at)).collect::<Result<Vec<_>>>();
    Ok(match expr {
        Expr::All(parts) => both(all(parts)?.into_iter()),
        Expr::Any(parts) => either(all(parts)?.into_iter()),
        Expr::Not(part) => row(part, values, at)?.map(|held| !held),
        Expr::Rule(rule) => passes(rule, values, at)?.unwrap_or(None),
        Expr::Did(_) => None,
    })
}

/// Whether all hold; one that does not decides, whatever the others would have said.
fn both(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    let fails = parts.any(|part| {
        open |= part.is_none();
        part == Some(false)
    });
    if fails { Some(false) } else { (!open).then_some(true) }
}

fn either(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    both(parts.map(|part| part.map(|held| !held))).map(|none| !none)
}

/// Whether a rule is about all customers, or about what is sealed.
pub(super) fn is_apart(rule: &Rule) -> bool {
    matches!(rule.check, Check::Top(_) | Check::Member(_))
        || is_sealed(rule) && !matches!(rule.check, Check::Unknown)
}

/// Whether what a rule speaks of is found, but never opened.
fn is_sealed(rule: &Rule) -> bool {
    matches!(rule.field.kind, Kind::Sealed | Kind::Day)
}

/// Whether a rule holds by what its own fields say; nothing where that does not tell.
fn passes(
    rule: &Rule,
    values: &(impl Values + ?Sized),
    at: At<'_>,
) -> Result<Option<Option<bool>>> {
    let name = rule.field.name.as_ref();
    Ok(Some(match &rule.check {
        _ if is_apart(rule) => return Ok(None),
        Check::Top(_) | Check::Member(_) => None,
        Check::Missing(missing) => {
            let there = values.number(name).is_some()
                || values.text(name).is_some()
                || values.truth(name).is_some()
                || values.fraction(name).is_some();
            Some(there != *missing)
        }
        Check::Number(numbers) => values.number(name).map(|number| numbers.hold(number)),
        Check::Time(spell) => match values.number(name) {
            None => None,
            Some(time) => {
                let within = |span: &(i64, i64)| span.0 <= time && time <= span.1;
                Some(spell.spans(at)?.iter().any(within))
            }
        },
        Check::Text(_) => text_passes(&rule.check, values.text(name).as_deref()),
        Check::Truth(wanted) => values.truth(name).map(|truth| truth == *wanted),
        Check::Fraction(ways, wanted) => {
            values.fraction(name).map(|number| compares_as(number, *wanted, *ways))
        }
        Check::Field(other, ways) => {
            let both = values.number(name).zip(values.number(&other.name));
            both.map(|(left, right)| compares_as(left, right, *ways))
        }
        Check::Unknown => None,
    }))
}

/// Whether a text, or none, passes a check.
pub(super) fn text_passes(check: &Check, text: Option<&str>) -> Option<bool> {
    match check {
        Check::Missing(missing) => Some(text.is_none() == *missing),
        Check::Text(texts) => text.map(|text| texts.hold(text)),
        _ => None,
    }
}

/// A whole number, or the instant that it stands for.
fn whole(number: i64, is_time: bool) -> Found {
    match is_time {
        true => Found::Time(Time::from_micros(number).to_string()),
        false => Found::Number(number),
    }
}

fn found(rule: &Rule, values: &(impl Values + ?Sized)) -> Option<Found> {
    let name = rule.field.name.as_ref();
    if is_sealed(rule) || name == MEASURE {
        return None;
    }
    let is_time = rule.field.kind == Kind::Time;
    let number = values.number(name).map(|number| whole(number, is_time));
    let text = || values.text(name).map(|text| Found::Text(text.into_owned()));
    let truth = || values.truth(name).map(Found::Truth);
    number.or_else(text).or_else(truth).or_else(|| values.fraction(name).map(Found::Fraction))
}

//! From expressions to conditions on columns.

use std::sync::Arc;

use base::{Result, Zone};
use lake::mask::{Judge, Node, Property, Test};

use super::field::PROPERTY;
use super::when::{self, Span};
use super::{At, Check, Expr, Field, Numbers, Rule};
use crate::mirror;

/// The conditions of an expression on columns; with `not`, those of its opposite. `leaf` makes the
/// condition of a rule or of its opposite.
///
/// A mask knows only for which rows something is true, so what is negated is pushed down to where
/// missing values are known of.
pub(super) fn node(
    expr: &Expr,
    not: bool,
    leaf: &mut impl FnMut(&Rule, bool) -> Result<Node>,
) -> Result<Node> {
    fold(expr, not, &mut |expr, not| match expr {
        Expr::Rule(rule) => leaf(rule, not),
        _ => Ok(Node::never()),
    })
}

/// The same with behaviours among the leaves.
pub(super) fn fold(
    expr: &Expr,
    not: bool,
    leaf: &mut impl FnMut(&Expr, bool) -> Result<Node>,
) -> Result<Node> {
    let mut list =
        |parts: &[Expr]| parts.iter().map(|part| fold(part, not, leaf)).collect::<Result<Vec<_>>>();
    match expr {
        Expr::All(parts) if not => Ok(Node::Any(list(parts)?)),
        Expr::Any(parts) if not => Ok(Node::All(list(parts)?)),
        Expr::All(parts) => Ok(Node::All(list(parts)?)),
        Expr::Any(parts) => Ok(Node::Any(list(parts)?)),
        Expr::Not(part) => fold(part, !not, leaf),
        Expr::Rule(_) | Expr::Did(_) => leaf(expr, not),
    }
}

/// An expression on nothing but the mirror's columns as conditions on them; what asks for more
/// holds for nobody.
///
/// # Errors
/// `bad_input` for times out of range.
pub fn profile_node(expr: &Expr, at: At<'_>) -> Result<Node> {
    let place = |field: &Field| mirror::place(&field.name);
    node(expr, false, &mut |rule, not| rule_node(rule, not, at, &mut { place }))
}

/// The condition of a rule on a column, or of its opposite; `place` says where a field's column
/// stands.
pub(super) fn rule_node(
    rule: &Rule,
    not: bool,
    at: At<'_>,
    place: &mut impl FnMut(&Field) -> Option<usize>,
) -> Result<Node> {
    let Some(column) = place(&rule.field) else { return Ok(Node::never()) };
    if let Some(key) = rule.field.name.strip_prefix(PROPERTY) {
        let is = match &rule.check {
            Check::Missing(missing) => Property::There(!missing),
            Check::Fraction(ways, number) => Property::Fraction(*ways, *number),
            Check::Text(texts) => Property::Text(texts.clone()),
            Check::Truth(truth) => Property::Truth(*truth),
            Check::Time(spell) => {
                let (spans, zone) = (spell.spans(at)?, at.zone.clone());
                Property::Judged(Arc::new(InTime { spans, zone }))
            }
            _ => return Ok(Node::never()),
        };
        return Ok(Node::Column(column, Test::Property { key: key.into(), is, outside: not }));
    }
    if let Check::Field(other, ways) = &rule.check {
        let Some(other) = place(other) else { return Ok(Node::never()) };
        return Ok(Node::Compare(column, other, ways.map(|way| way != not)));
    }
    Ok(test(rule, not, at)?.map_or_else(Node::never, |test| Node::Column(column, test)))
}

/// Whether a text says a time within some spans.
#[derive(Debug)]
struct InTime {
    spans: Vec<Span>,
    zone: Zone,
}

impl Judge for InTime {
    fn holds(&self, value: &serde_json::Value) -> Option<bool> {
        let time = when::instant(value.as_str()?, &self.zone)?;
        Some(self.spans.iter().any(|(first, last)| (*first..=*last).contains(&time)))
    }
}

/// What a rule asks of its own value, or its opposite does; nothing where it asks for more.
pub(super) fn test(rule: &Rule, not: bool, at: At<'_>) -> Result<Option<Test>> {
    Ok(Some(match &rule.check {
        Check::Missing(missing) => Test::There(*missing == not),
        Check::Number(Numbers::Range(least, most)) => {
            Test::Range { least: *least, most: *most, outside: not }
        }
        Check::Number(Numbers::Among(values)) => {
            Test::Among { values: values.clone(), outside: not }
        }
        Check::Time(spell) => match spell.spans(at)?.as_slice() {
            [(least, most)] => Test::Range { least: *least, most: *most, outside: not },
            spans => Test::Ranges { ranges: spans.into(), outside: not },
        },
        Check::Text(texts) => Test::Text { texts: texts.clone(), outside: not },
        Check::Truth(truth) => Test::Truth(*truth != not),
        Check::Field(..)
        | Check::Fraction(..)
        | Check::Top(_)
        | Check::Member(_)
        | Check::Unknown => return Ok(None),
    }))
}

/// A span outside of which a field of times cannot be for an expression to hold.
pub(super) fn span(expr: &Expr, time: &str, at: At<'_>) -> Result<Span> {
    let everything = (i64::MIN, i64::MAX);
    match expr {
        Expr::All(parts) => {
            let mut all = everything;
            for part in parts {
                let own = span(part, time, at)?;
                all = (all.0.max(own.0), all.1.min(own.1));
            }
            Ok(all)
        }
        Expr::Rule(rule) if rule.field.name == time => match &rule.check {
            Check::Time(spell) => {
                let spans = spell.spans(at)?;
                Ok(spans
                    .first()
                    .zip(spans.last())
                    .map_or((1, 0), |(first, last)| (first.0, last.1)))
            }
            _ => Ok(everything),
        },
        _ => Ok(everything),
    }
}

//! Expressions: which customers are meant. One tree, read from JSON as react-querybuilder writes
//! it, with two evaluators that agree: [`whole`] finds everybody in a shop, [`one`] looks at a
//! single customer and says why.
//!
//! Logic is that of SQL: a comparison with a value that is missing is neither true nor false, and
//! so is its opposite; a customer is meant when the whole is true.

mod ahead;
mod behaviour;
mod check;
mod field;
mod lunar;
pub mod one;
pub mod person;
mod plan;
mod schema;
mod sets;
#[cfg(test)]
mod tests;
mod veil;
mod when;
pub mod whole;
mod wire;

use std::sync::Arc;

use base::{Result, Time, Zone};
use lake::mask::Texts;

pub use behaviour::{Behaviour, Measure, Measured, Source, Steps, Then};
pub use field::{Collection, Field, Kind, PROPERTY, has_top, operators, profile_fields};
pub use plan::profile_node;
pub use schema::schema;
pub use sets::{Needs, Sets, share};
pub use veil::reads_private;
pub use when::{Span, Unit, When, Window};
pub use wire::{DEPTH_MAX, LIST_MAX, RULES_MAX, read};

/// A condition on a customer, or on a row of what a customer did.
#[derive(Debug, Clone)]
pub enum Expr {
    /// All hold.
    All(Vec<Self>),
    /// One holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A field passes a check.
    Rule(Box<Rule>),
    /// The customer did something, so often or for so much.
    Did(Box<Behaviour>),
}

/// A field and what its value must be.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where it stands in the text it was read from, such as `rules[1].rules[0]`.
    pub at: String,
    /// The field.
    pub field: Field,
    /// What its value must be.
    pub check: Check,
}

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Check {
    /// There is none, or there is one.
    Missing(bool),
    /// A whole number is one of these.
    Number(Numbers),
    /// A time is one of these.
    Time(Spell),
    /// A text is one of these.
    Text(Texts),
    /// A truth value is this one.
    Truth(bool),
    /// A fraction compares with this one in one of these ways: less, equal, greater.
    Fraction([bool; 3], f64),
    /// It compares with the field of the same customer in one of these ways: less, equal, greater.
    Field(Field, [bool; 3]),
    /// It is among the largest of all customers.
    Top(Top),
    /// The customer is in one of these sets.
    Member(Arc<[i64]>),
    /// It is compared with nothing, which nobody can say anything about.
    Unknown,
}

/// Whole numbers that a check means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbers {
    /// From one to another, both included; none when the first is larger.
    Range(i64, i64),
    /// These, ascending.
    Among(Arc<[i64]>),
}

impl Numbers {
    /// Whether a number is one of them.
    #[must_use]
    pub fn hold(&self, number: i64) -> bool {
        match self {
            Self::Range(least, most) => (*least..=*most).contains(&number),
            Self::Among(numbers) => numbers.binary_search(&number).is_ok(),
        }
    }
}

/// Times that a check means, to be told when it is known what time it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Spell {
    /// Before a moment begins.
    Before(When),
    /// Until a moment ends.
    Until(When),
    /// After a moment ends.
    After(When),
    /// From the beginning of a moment on.
    From(When),
    /// Within a moment.
    At(When),
    /// Within one of some moments.
    Among(Vec<When>),
    /// Within a window.
    Within(Window),
    /// On a day whose month and day recur within a window; of the lunar calendar or the other.
    Anniversary(Window, bool),
}

/// The largest of all customers by a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Top {
    /// So many.
    Count(u64),
    /// So large a share, 0 to 1, of those who have a value.
    Share(f64),
}

/// What an expression is read at: it says what *today* is.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The present.
    pub now: Time,
    /// The shop's zone.
    pub zone: &'a Zone,
}

impl Expr {
    /// Gives `each` every condition on a field of the customer and every behaviour.
    pub fn each_leaf<'a>(&'a self, each: &mut impl FnMut(&'a Self)) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.each_leaf(each));
            }
            Self::Not(part) => part.each_leaf(each),
            Self::Rule(_) | Self::Did(_) => each(self),
        }
    }
}

impl Spell {
    /// The spans at a moment, in microseconds, both ends included, in ascending order.
    ///
    /// # Errors
    /// `bad_input` for days out of range.
    pub fn spans(&self, at: At<'_>) -> Result<Vec<Span>> {
        let of = |when: &When| when.span(at);
        Ok(match self {
            Self::Before(when) => vec![(i64::MIN, of(when)?.0.saturating_sub(1))],
            Self::Until(when) => vec![(i64::MIN, of(when)?.1)],
            Self::After(when) => vec![(of(when)?.1.saturating_add(1), i64::MAX)],
            Self::From(when) => vec![(of(when)?.0, i64::MAX)],
            Self::At(when) => vec![of(when)?],
            Self::Among(all) => {
                let mut spans = all.iter().map(of).collect::<Result<Vec<_>>>()?;
                spans.sort_unstable();
                joined(&spans)
            }
            Self::Within(window) => vec![window.span(at)?],
            Self::Anniversary(window, lunar) => window.anniversaries(at, *lunar)?,
        })
    }
}

/// Spans in ascending order, with those that meet made one.
fn joined(spans: &[Span]) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::with_capacity(spans.len());
    for (first, last) in spans {
        match all.last_mut() {
            Some(before) if *first <= before.1.saturating_add(1) => before.1 = before.1.max(*last),
            _ => all.push((*first, *last)),
        }
    }
    all
}

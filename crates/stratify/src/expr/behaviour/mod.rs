//! Behaviours: what a customer did, counted and measured over the rows of a collection.
//!
//! Rows are judged as conditions on columns; what passes is tallied by person. The same measure of
//! the same rows is made for everybody at once or for one person.

mod gather;
pub(super) mod history;
pub(super) mod tally;
pub(super) mod wire;

use super::when::Unit;
use super::{Check, Collection, Expr, Field, Kind, Top};

pub use gather::Source;
pub(crate) use gather::gather;

/// The name of the field that a measure's condition speaks of.
pub(super) const MEASURE: &str = "measure";

/// So many rows of a collection, or such a sum of them.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// Where it stands in the text it was read from.
    pub at: String,
    /// Which rows.
    pub steps: Steps,
    /// What is measured of them.
    pub measure: Measure,
    /// What the measure must be: conditions on one field, [`MEASURE`].
    pub is: Expr,
}

/// Rows of a collection that pass, and what has to follow each of them.
#[derive(Debug, Clone)]
pub struct Steps {
    /// The collection.
    pub of: Collection,
    /// What a row must say.
    pub rows: Expr,
    /// What follows.
    pub then: Option<Box<Then>>,
}

/// What has to follow a row, or must not.
#[derive(Debug, Clone)]
pub struct Then {
    /// Whether it must follow; otherwise it must not, and the time for it must be over.
    pub follows: bool,
    /// How long after the row; any time after where nothing is said.
    pub within: Option<(u32, Unit)>,
    /// Which rows, with what has to follow them.
    pub steps: Steps,
}

/// What is measured of the rows of a person.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// How many there are; 0 when there are none.
    Count,
    /// How many different values a field has; 0 when there are none.
    Distinct(Field),
    /// The sum of a field; missing when there is none.
    Sum(Field),
    /// Its average; missing when there is none.
    Average(Field),
    /// Its least; missing when there is none.
    Least(Field),
    /// Its largest; missing when there is none.
    Most(Field),
    /// How many there are, each counting half as much with every so many days that have passed.
    Recent(u32),
    /// When the first of them was.
    First,
    /// When the last of them was.
    Last,
}

/// A measure of one person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// A whole number, or an instant.
    Whole(i64),
    /// A fraction.
    Fraction(f64),
}

impl Measured {
    /// How it compares with another of the same measure.
    pub(super) fn in_order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.cmp(other),
            (Self::Fraction(one), Self::Fraction(other)) => one.total_cmp(other),
            (Self::Whole(_), Self::Fraction(_)) => std::cmp::Ordering::Less,
            (Self::Fraction(_), Self::Whole(_)) => std::cmp::Ordering::Greater,
        }
    }
}

impl Behaviour {
    /// How many of those with the largest measure are meant, where that is asked.
    #[must_use]
    pub fn top(&self) -> Option<Top> {
        match &self.is {
            Expr::Rule(rule) => match rule.check {
                Check::Top(top) => Some(top),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Measure {
    /// The field that is measured.
    #[must_use]
    pub fn field(&self) -> Option<&Field> {
        match self {
            Self::Count | Self::Recent(_) | Self::First | Self::Last => None,
            Self::Distinct(field)
            | Self::Sum(field)
            | Self::Average(field)
            | Self::Least(field)
            | Self::Most(field) => Some(field),
        }
    }

    /// Whether it is made of numbers that need not be whole, in millionths.
    pub(super) fn is_fine(&self) -> bool {
        match self {
            Self::Distinct(_) => false,
            _ => self.field().is_some_and(|field| field.kind == Kind::Fraction),
        }
    }

    /// What is told of so many values, and their sum, the least or the largest of them.
    pub(super) fn told(&self, value: i64, count: i64) -> Measured {
        #[expect(clippy::cast_precision_loss, reason = "an average is a fraction")]
        let average = |sum: f64| Measured::Fraction(sum / count as f64);
        match self {
            Self::Average(_) if self.is_fine() => average(tally::fraction(value)),
            #[expect(clippy::cast_precision_loss, reason = "an average is a fraction")]
            Self::Average(_) => average(value as f64),
            _ if self.is_fine() => Measured::Fraction(tally::fraction(value)),
            _ => Measured::Whole(value),
        }
    }

    /// Whether it asks when something happened.
    #[must_use]
    pub fn asks_when(&self) -> bool {
        matches!(self, Self::Recent(_) | Self::First | Self::Last)
    }

    /// Whether it is an instant.
    #[must_use]
    pub fn is_time(&self) -> bool {
        match self {
            Self::First | Self::Last => true,
            Self::Least(field) | Self::Most(field) => field.kind == Kind::Time,
            _ => false,
        }
    }

    /// The measure of nothing.
    #[must_use]
    pub fn of_nothing(&self) -> Option<Measured> {
        match self {
            Self::Count | Self::Distinct(_) => Some(Measured::Whole(0)),
            Self::Recent(_) => Some(Measured::Fraction(0.0)),
            _ => None,
        }
    }
}

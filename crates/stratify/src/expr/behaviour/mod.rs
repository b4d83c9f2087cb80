//! Behaviours: what a customer did, counted and measured over the rows of a collection.
//!
//! Rows are judged as conditions on columns; what passes is tallied by person. The same measure of
//! the same rows is made for everybody at once or for one person.

mod gather;
pub(super) mod history;
pub(super) mod tally;
pub(super) mod wire;

use super::when::Unit;
use super::{Collection, Expr, Field, Kind};

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

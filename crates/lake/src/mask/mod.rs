//! Conditions on rows: which rows of a batch they hold for.
//!
//! A [`Node`] is a tree of *and* and *or* over conditions on single columns. It is evaluated a
//! column at a time over a mask of one byte a row, and row by row where few are left. A condition
//! on a value that is missing does not hold, and neither does its opposite; so whoever negates a
//! tree negates its leaves.

mod bits;
mod eval;
mod property;
#[cfg(test)]
mod tests;
mod text;

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};

use base::Result;

use crate::error::Context;

pub use bits::Bits;
pub use eval::Masker;
pub use property::{Judge, Property, number_of, property};
pub use text::{Pattern, Texts};

/// A tree of conditions. Places of columns are those that [`Rows`] maps.
#[derive(Debug, Clone)]
pub enum Node {
    /// All of them hold; holds when there are none.
    All(Vec<Node>),
    /// One of them holds; does not hold when there are none.
    Any(Vec<Node>),
    /// The column's value passes.
    Column(usize, Test),
    /// Two columns of whole numbers or times compare in one of these ways: less, equal, greater.
    Compare(usize, usize, [bool; 3]),
    /// The discount of a line, of its amount, pieces and price, passes; see [`discount`].
    Discount([usize; 3], Test),
    /// A condition on where the row stands, whatever its columns say.
    Row(Arc<dyn RowTest>),
}

/// A condition on where a row stands: the row's number counted from 0 over all batches.
pub trait RowTest: std::fmt::Debug + Send + Sync {
    /// Whether it holds for a row.
    fn holds(&self, row: usize) -> bool;

    /// Takes the rows for which it does not hold out of a mask whose first row is `first`.
    fn narrow(&self, first: usize, mask: &mut [u8]) {
        let candidates = (first..).zip(mask).filter(|(_, slot)| **slot == 1);
        candidates.for_each(|(row, slot)| *slot = u8::from(self.holds(row)));
    }

    /// What it costs beside a comparison of numbers, which costs 1.
    fn cost(&self) -> u32 {
        4
    }
}

/// What a value must be.
#[derive(Debug, Clone)]
pub enum Test {
    /// A whole number or a time lies between two, both included; with `outside`, it does not.
    Range {
        /// The least.
        least: i64,
        /// The largest.
        most: i64,
        /// Whether the values outside pass instead.
        outside: bool,
    },
    /// A whole number or a time is one of these, in ascending order; with `outside`, none of them.
    Among {
        /// The values, ascending.
        values: Arc<[i64]>,
        /// Whether the others pass instead.
        outside: bool,
    },
    /// A whole number or a time lies in one of these ranges, ascending and apart, both ends
    /// included; with `outside`, in none of them.
    Ranges {
        /// The ranges.
        ranges: Arc<[(i64, i64)]>,
        /// Whether the values outside pass instead.
        outside: bool,
    },
    /// A whole number is one of these bits; with `outside`, it is not.
    Bits {
        /// The bits, by number.
        bits: Arc<Bits>,
        /// Whether the others pass instead.
        outside: bool,
    },
    /// A property of a text that is a JSON object is such a one; with `outside`, it is there and is
    /// not.
    Property {
        /// The property's name.
        key: Arc<str>,
        /// What it must be.
        is: Property,
        /// Whether the others pass instead.
        outside: bool,
    },
    /// A text is such a one; with `outside`, it is not.
    Text {
        /// Which texts.
        texts: Texts,
        /// Whether the others pass instead.
        outside: bool,
    },
    /// A truth value is this one.
    Truth(bool),
    /// There is a value, or there is none.
    There(bool),
}

impl Test {
    /// Between two numbers, both included.
    #[must_use]
    pub fn between(least: i64, most: i64) -> Self {
        Self::Range { least, most, outside: false }
    }

    /// Whether it holds where there is no value.
    fn of_nothing(&self) -> bool {
        match self {
            Self::There(there) => !there,
            Self::Property { is: Property::There(there), outside, .. } => there == outside,
            _ => false,
        }
    }

    fn number(&self, value: i64) -> bool {
        match self {
            Self::Range { least, most, outside } => (least..=most).contains(&&value) != *outside,
            Self::Among { values, outside } => values.binary_search(&value).is_ok() != *outside,
            Self::Ranges { ranges, outside } => in_ranges(ranges, value) != *outside,
            Self::Bits { bits, outside } => bits.holds_number(value) != *outside,
            Self::There(there) => *there,
            Self::Text { .. } | Self::Truth(_) | Self::Property { .. } => false,
        }
    }

    fn text(&self, value: &str) -> bool {
        match self {
            Self::Text { texts, outside } => texts.hold(value) != *outside,
            Self::Property { key, is, outside } => is.holds(value, key, *outside),
            Self::There(there) => *there,
            _ => false,
        }
    }

    /// What it costs beside a comparison of numbers.
    fn cost(&self) -> u32 {
        match self {
            Self::Range { .. } | Self::Truth(_) | Self::There(_) => 1,
            Self::Text { .. } | Self::Bits { .. } => 2,
            Self::Among { .. } | Self::Ranges { .. } => 6,
            Self::Property { .. } => 200,
        }
    }
}

impl Node {
    /// Holds for every row.
    #[must_use]
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Holds for no row.
    #[must_use]
    pub fn never() -> Self {
        Self::Any(Vec::new())
    }

    /// The same with the conditions that decide most, for what they cost, before the others, as
    /// `samples` tell.
    #[must_use]
    pub fn tuned(&self, samples: &[Rows<'_>]) -> Self {
        let ranked = |nodes: &[Self], of_all: bool| {
            let mut ranked: Vec<(f64, Self)> = nodes
                .iter()
                .map(|node| {
                    let share = share(node, samples);
                    let decides = if of_all { 1.0 - share } else { share };
                    (f64::from(node.cost()) / decides.max(f64::EPSILON), node.tuned(samples))
                })
                .collect();
            ranked.sort_by(|left, right| left.0.total_cmp(&right.0));
            ranked.into_iter().map(|(_, node)| node).collect()
        };
        match self {
            Self::All(nodes) => Self::All(ranked(&flat(nodes), true)),
            Self::Any(nodes) => Self::Any(ranked(nodes, false)),
            other => other.clone(),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().map(Self::cost).sum(),
            Self::Column(_, test) => test.cost(),
            Self::Compare(..) => 2,
            Self::Discount(..) => 4,
            Self::Row(test) => test.cost(),
        }
    }

    /// Whether it asks where a row stands.
    #[must_use]
    pub fn asks_where(&self) -> bool {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::asks_where),
            Self::Column(..) | Self::Compare(..) | Self::Discount(..) => false,
            Self::Row(_) => true,
        }
    }

    /// Whether it holds for one row: the same answer as a mask gives, found value by value.
    #[must_use]
    pub fn holds(&self, rows: &Rows<'_>, row: usize) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(rows, row)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(rows, row)),
            Self::Column(column, test) => rows.value_passes(*column, row, test),
            Self::Compare(left, right, ways) => {
                let both = rows.number(*left, row).zip(rows.number(*right, row));
                both.is_some_and(|(left, right)| compares_as(left, right, *ways))
            }
            Self::Discount(places, test) => rows.discount_passes(*places, row, test),
            Self::Row(test) => test.holds(rows.first + row),
        }
    }
}

/// By how much less a line was sold than its pieces cost: of its amount, its pieces and their
/// price, in minor units; none where nothing was sold.
#[must_use]
pub fn discount([amount, pieces, price]: [i64; 3]) -> Option<i64> {
    (pieces > 0 && amount >= 0).then(|| price.saturating_mul(pieces).saturating_sub(amount))
}

/// Conditions that must all hold, without groups that say no more, and with ranges of one column
/// made one.
fn flat(nodes: &[Node]) -> Vec<Node> {
    let mut all: Vec<Node> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let parts = match node {
            Node::All(inner) => flat(inner),
            other => vec![other.clone()],
        };
        for part in parts {
            if !all.iter_mut().any(|before| narrows(before, &part)) {
                all.push(part);
            }
        }
    }
    all
}

/// Makes a range of a column the part that another one leaves of it.
fn narrows(before: &mut Node, more: &Node) -> bool {
    let (Node::Column(column, test), Node::Column(other, more)) = (before, more) else {
        return false;
    };
    match (test, more) {
        (
            Test::Range { least, most, outside: false },
            Test::Range { least: from, most: to, outside: false },
        ) if column == other => {
            (*least, *most) = ((*least).max(*from), (*most).min(*to));
            true
        }
        _ => false,
    }
}

fn in_ranges(ranges: &[(i64, i64)], value: i64) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= value);
    let range = after.checked_sub(1).and_then(|place| ranges.get(place));
    range.is_some_and(|(_, last)| value <= *last)
}

/// Which share of some rows a condition holds for.
fn share(node: &Node, samples: &[Rows<'_>]) -> f64 {
    let (mut held, mut all) = (0_u32, 0_u32);
    let mut masker = Masker::new(node);
    for rows in samples {
        let mut mask = vec![1; rows.batch.num_rows()];
        let left = masker.narrow(rows, &mut mask);
        held = held.saturating_add(u32::try_from(left).unwrap_or(u32::MAX));
        all = all.saturating_add(u32::try_from(mask.len()).unwrap_or(u32::MAX));
    }
    if all == 0 { 0.5 } else { f64::from(held) / f64::from(all) }
}

/// Whether two values compare in one of these ways: less, equal, greater.
pub fn compares_as<T: PartialOrd + Copy>(
    left: T,
    right: T,
    [less, equal, greater]: [bool; 3],
) -> bool {
    match left.partial_cmp(&right) {
        Some(Ordering::Less) => less,
        Some(Ordering::Equal) => equal,
        Some(Ordering::Greater) => greater,
        None => false,
    }
}

/// Some rows to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Their columns.
    pub batch: &'a RecordBatch,
    /// Where in the batch each column of a condition stands.
    pub places: &'a [usize],
    /// The number of the first of them, counted over all batches.
    pub first: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn array(&self, column: usize) -> Option<&'a dyn Array> {
        let place = self.places.get(column)?;
        self.batch.columns().get(*place).map(AsRef::as_ref)
    }

    /// The value of a column of whole numbers or times.
    #[must_use]
    pub fn number(&self, column: usize, row: usize) -> Option<i64> {
        let array = self.array(column)?;
        if array.is_null(row) {
            return None;
        }
        i64s(array).and_then(|values| values.get(row).copied())
    }

    /// The value of a column of texts.
    #[must_use]
    pub fn text(&self, column: usize, row: usize) -> Option<&'a str> {
        let array = self.array(column)?;
        if row >= array.len() || array.is_null(row) {
            return None;
        }
        match array.data_type() {
            DataType::Utf8View => array.as_string_view_opt().map(|texts| texts.value(row)),
            DataType::Utf8 => array.as_string_opt::<i32>().map(|texts| texts.value(row)),
            DataType::Dictionary(..) => {
                let words = array.as_dictionary_opt::<Int32Type>()?;
                let code = usize::try_from(*words.keys().values().get(row)?).ok()?;
                words.values().as_string_opt::<i32>().map(|texts| texts.value(code))
            }
            _ => None,
        }
    }

    /// The value of a column of truth values.
    #[must_use]
    pub fn truth(&self, column: usize, row: usize) -> Option<bool> {
        let truths = self.array(column)?.as_boolean_opt()?;
        (row < truths.len() && truths.is_valid(row)).then(|| truths.value(row))
    }

    /// The discount of a line, of the places of its amount, its pieces and their price.
    #[must_use]
    pub fn discount(&self, [amount, pieces, price]: [usize; 3], row: usize) -> Option<i64> {
        let number = |column| self.number(column, row);
        discount([number(amount)?, number(pieces)?, number(price)?])
    }

    fn discount_passes(&self, places: [usize; 3], row: usize, test: &Test) -> bool {
        match (self.discount(places, row), test) {
            (found, Test::There(there)) => found.is_some() == *there,
            (found, test) => found.is_some_and(|found| test.number(found)),
        }
    }

    fn value_passes(&self, column: usize, row: usize, test: &Test) -> bool {
        if !self.array(column).is_some_and(|array| array.is_valid(row)) {
            return test.of_nothing();
        }
        match test {
            Test::There(there) => *there,
            Test::Truth(wanted) => self.truth(column, row) == Some(*wanted),
            Test::Text { .. } | Test::Property { .. } => {
                self.text(column, row).is_some_and(|text| test.text(text))
            }
            _ => self.number(column, row).is_some_and(|value| test.number(value)),
        }
    }
}

/// The rows of a column of truth values that are true, as a mask.
#[must_use]
pub fn true_rows(batch: &RecordBatch, column: usize) -> Vec<u8> {
    let truths = batch.columns().get(column).and_then(|column| column.as_boolean_opt());
    let mut mask = vec![u8::from(truths.is_some()); batch.num_rows()];
    if let Some(truths) = truths {
        eval::bits(truths.values(), true, &mut mask);
    }
    mask
}

/// Those rows of a batch that a mask keeps.
///
/// # Errors
/// `internal` when there are fewer rows than the mask says.
pub fn only(batch: &RecordBatch, mask: &[bool]) -> Result<RecordBatch> {
    let mask = BooleanArray::from(mask.to_vec());
    filter_record_batch(batch, &mask).context("rows cannot be left out")
}

/// The values of a column of whole numbers or times; none for another kind.
pub(crate) fn i64s(array: &dyn Array) -> Option<&[i64]> {
    match array.data_type() {
        DataType::Int64 => Some(array.as_primitive::<Int64Type>().values()),
        DataType::Timestamp(..) => array
            .as_primitive_opt::<TimestampMicrosecondType>()
            .map(|times| times.values().as_ref()),
        _ => None,
    }
}

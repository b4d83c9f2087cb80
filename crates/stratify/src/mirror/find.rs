//! Finding customers in the mirror: by what their columns say, in the order of one of them.

use std::collections::BinaryHeap;

use arrow::array::AsArray;
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::Int32Type;
use base::{Error, Result};
pub use lake::mask::Node;
use lake::mask::{Masker, Test, Texts};
use serde::{Deserialize, Serialize};

use super::{BLOCK_ROWS, Mirror, column, whole};

/// A text is this one.
///
/// # Errors
/// `internal` for a column that there is not; so below.
pub fn is(name: &str, text: &str) -> Result<Node> {
    let texts = Texts::Is(text.into());
    Ok(Node::Column(place(name)?, Test::Text { texts, outside: false }))
}

/// A number or an instant (microseconds) lies between two, both included; nothing does not.
///
/// # Errors
/// As [`is`].
pub fn within(name: &str, least: Option<i64>, most: Option<i64>) -> Result<Node> {
    let test = Test::between(least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
    Ok(Node::Column(place(name)?, test))
}

/// A truth value is this one.
///
/// # Errors
/// As [`is`].
pub fn holds(name: &str, wanted: bool) -> Result<Node> {
    Ok(Node::Column(place(name)?, Test::Truth(wanted)))
}

fn place(name: &str) -> Result<usize> {
    column::place(name).ok_or_else(|| missing(name))
}

/// In which order: by a column of numbers or instants, and customers who have none last; by their
/// number where that is equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: &'static str,
    /// The largest first.
    pub descending: bool,
}

/// Where a customer stands in an order: without a value or with one, the value as it is compared,
/// the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stand(bool, i64, i64);

/// Customers that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Those of the page, in their order.
    pub page: Vec<Stand>,
    /// How many pass in all.
    pub total: i64,
    /// Their net money, minor units.
    pub net_minor: i64,
}

impl Stand {
    /// The customer's number.
    #[must_use]
    pub fn number(self) -> i64 {
        self.2
    }
}

impl Mirror {
    /// Customers for whom `tests` hold, and `also` by their place, number less one: the first
    /// `limit` after `after`, and how many there are.
    ///
    /// # Errors
    /// `internal` for a column that there is not, or is of another kind.
    pub fn find(
        &self,
        (tests, also): (&Node, Option<&dyn Fn(usize) -> bool>),
        order: Order,
        (after, limit): (Option<Stand>, usize),
    ) -> Result<Found> {
        let mut best = Best { order, after, limit, heap: BinaryHeap::with_capacity(limit + 1) };
        let (mut total, mut net_minor) = (0, 0_i128);
        let mut masker = Masker::new(tests);
        for (index, block) in self.blocks().iter().enumerate() {
            let first = index * BLOCK_ROWS;
            let mut bytes = whole::known(block);
            masker.narrow(&whole::rows(block, first), &mut bytes);
            let passes = |row: usize| {
                bytes.get(row) == Some(&1) && also.is_none_or(|also| also(first + row))
            };
            let mask = BooleanBuffer::collect_bool(bytes.len(), passes);
            let numbers = |name: &str| column::i64s(block, name).ok_or_else(|| missing(name));
            total += i64::try_from(mask.count_set_bits()).unwrap_or(i64::MAX);
            net_minor += sum(numbers("net_minor")?, &mask);
            best.take_all(numbers(order.column)?, &mask, first);
        }
        let most = if net_minor < 0 { i64::MIN } else { i64::MAX };
        let net_minor = i64::try_from(net_minor).unwrap_or(most);
        Ok(Found { page: best.heap.into_sorted_vec(), total, net_minor })
    }

    /// How many customers have each text of a column, the most frequent first, at most `limit`.
    ///
    /// # Errors
    /// `internal` for a column that there is not, or is no text.
    pub fn texts(&self, name: &str, limit: usize) -> Result<Vec<(String, i64)>> {
        let mut by_code: Vec<i64> = Vec::new();
        self.each_code(name, |_, code| {
            if by_code.len() <= code {
                by_code.resize(code + 1, 0);
            }
            if let Some(count) = by_code.get_mut(code) {
                *count += 1;
            }
        })?;
        let texts = self.words.texts(place(name)?);
        let texts = texts.as_string::<i32>().iter().flatten();
        let mut counts: Vec<(&str, i64)> = texts.zip(by_code).filter(|(_, n)| *n > 0).collect();
        counts.sort_unstable_by_key(|(value, count)| (-count, *value));
        counts.truncate(limit);
        Ok(counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect())
    }

    /// The texts that a column's codes stand for.
    ///
    /// # Errors
    /// As [`Mirror::texts`].
    pub(crate) fn texts_by_code(&self, name: &str) -> Result<Vec<String>> {
        let texts = self.words.texts(place(name)?);
        let texts = texts.as_string::<i32>().iter();
        Ok(texts.map(|text| text.unwrap_or_default().to_owned()).collect())
    }

    /// The codes of a column's texts by place, of customers who have one.
    ///
    /// # Errors
    /// As [`Mirror::texts`].
    pub(crate) fn each_code(&self, name: &str, mut each: impl FnMut(usize, usize)) -> Result<()> {
        let column = place(name)?;
        for (index, block) in self.blocks().iter().enumerate() {
            let words = block.columns().get(column);
            let words = words.and_then(|words| words.as_dictionary_opt::<Int32Type>());
            let keys = words.ok_or_else(|| missing(name))?.keys();
            for (row, code) in keys.iter().enumerate() {
                if let Some(code) = code.and_then(|code| usize::try_from(code).ok()) {
                    each(index * BLOCK_ROWS + row, code);
                }
            }
        }
        Ok(())
    }
}

/// The first of an order, as far as they were seen.
struct Best {
    order: Order,
    after: Option<Stand>,
    limit: usize,
    /// The last of them on top.
    heap: BinaryHeap<Stand>,
}

impl Best {
    /// Takes those of a block's rows in `mask` that are among the first.
    fn take_all(&mut self, column: Numbers<'_>, mask: &BooleanBuffer, first: usize) {
        if self.limit == 0 {
            return;
        }
        let (values, nulls) = column;
        let near = match self.heap.peek() {
            // Most of a block come after the last of them by their value alone.
            Some(Stand(false, last, _)) if self.heap.len() >= self.limit => {
                let before = |row: usize| {
                    values.get(row).is_some_and(|value| self.compared(*value) <= *last)
                };
                &there(&BooleanBuffer::collect_bool(values.len(), before), nulls) & mask
            }
            _ => mask.clone(),
        };
        for row in near.set_indices() {
            let there = nulls.is_none_or(|nulls| nulls.is_valid(row));
            self.take(values.get(row).copied().filter(|_| there), first + row);
        }
    }

    /// The complement turns the order of numbers round without overflow.
    fn compared(&self, value: i64) -> i64 {
        if self.order.descending { !value } else { value }
    }

    fn take(&mut self, value: Option<i64>, place: usize) {
        let value = value.map(|value| self.compared(value));
        let number = i64::try_from(place + 1).unwrap_or_default();
        let stand = Stand(value.is_none(), value.unwrap_or_default(), number);
        if self.after.is_some_and(|after| stand <= after) {
            return;
        }
        if self.heap.len() < self.limit {
            self.heap.push(stand);
        } else if let Some(mut last) = self.heap.peek_mut()
            && stand < *last
        {
            *last = stand;
        }
    }
}

/// The sum of those in `mask` that have a value.
fn sum((values, nulls): Numbers<'_>, mask: &BooleanBuffer) -> i128 {
    let own = there(mask, nulls);
    own.set_slices()
        .flat_map(|(from, to)| values.get(from..to).unwrap_or_default())
        .fold(0, |sum, value| sum + i128::from(*value))
}

/// A column of numbers, and which of them are there.
type Numbers<'a> = (&'a [i64], Option<&'a NullBuffer>);

/// Those of some rows that have a value.
fn there(rows: &BooleanBuffer, nulls: Option<&NullBuffer>) -> BooleanBuffer {
    nulls.map_or_else(|| rows.clone(), |nulls| rows & nulls.inner())
}

fn missing(name: &str) -> Error {
    Error::new(base::Code::Internal, format!("the mirror has no such column {name}"))
}

//! Finding customers in the mirror: by what their columns say, in the order of one of them.

use std::collections::BinaryHeap;

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::compute::kernels::cmp::eq;
use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{BLOCK_ROWS, Mirror, column};

/// What a column must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A text is this one.
    Is(&'static str, String),
    /// A number or an instant (microseconds) lies between two, both included; nothing does not.
    Within(&'static str, Option<i64>, Option<i64>),
    /// A truth value is this one.
    Holds(&'static str, bool),
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
    /// Customers who pass all of `tests`, and `also` by their place, number less one: the first
    /// `limit` after `after`, and how many there are.
    ///
    /// # Errors
    /// `internal` for a column that there is not, or is of another kind.
    pub fn find(
        &self,
        (tests, also): (&[Test], Option<&dyn Fn(usize) -> bool>),
        order: Order,
        (after, limit): (Option<Stand>, usize),
    ) -> Result<Found> {
        let mut best = Best { order, after, limit, heap: BinaryHeap::with_capacity(limit + 1) };
        let (mut total, mut net_minor) = (0, 0_i128);
        for (index, block) in self.blocks().iter().enumerate() {
            let mut mask = truths(block, "known", true)?;
            for test in tests {
                mask = &mask & &pass(block, test)?;
            }
            let first = index * BLOCK_ROWS;
            if let Some(also) = also {
                let passes = |row: usize| mask.value(row) && also(first + row);
                mask = BooleanBuffer::collect_bool(mask.len(), passes);
            }
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
        let mut counts = std::collections::HashMap::<&str, i64>::new();
        for block in self.blocks() {
            let column = text(block, name)?;
            for value in column.iter().flatten() {
                *counts.entry(value).or_default() += 1;
            }
        }
        let mut counts: Vec<(&str, i64)> = counts.into_iter().collect();
        counts.sort_unstable_by_key(|(value, count)| (-count, *value));
        counts.truncate(limit);
        Ok(counts.into_iter().map(|(value, count)| (value.to_owned(), count)).collect())
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

/// Which rows of a block pass.
fn pass(block: &RecordBatch, test: &Test) -> Result<BooleanBuffer> {
    match test {
        Test::Is(name, wanted) => {
            let same = eq(text(block, name)?, &StringArray::new_scalar(wanted));
            let same = same.map_err(|cause| Error::internal("texts are not compared", cause))?;
            Ok(there(same.values(), same.nulls()))
        }
        Test::Within(name, least, most) => {
            let (values, nulls) = column::i64s(block, name).ok_or_else(|| missing(name))?;
            let (least, most) = (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
            let inside =
                |row: usize| values.get(row).is_some_and(|value| (least..=most).contains(value));
            Ok(there(&BooleanBuffer::collect_bool(values.len(), inside), nulls))
        }
        Test::Holds(name, wanted) => truths(block, name, *wanted),
    }
}

/// Those of some rows that have a value.
fn there(rows: &BooleanBuffer, nulls: Option<&NullBuffer>) -> BooleanBuffer {
    nulls.map_or_else(|| rows.clone(), |nulls| rows & nulls.inner())
}

fn text<'a>(block: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    block
        .column_by_name(name)
        .and_then(|column| column.as_string_opt())
        .ok_or_else(|| missing(name))
}

/// Rows whose truth value is this one.
fn truths(block: &RecordBatch, name: &str, wanted: bool) -> Result<BooleanBuffer> {
    let column = block.column_by_name(name).and_then(|column| column.as_boolean_opt());
    let column = column.ok_or_else(|| missing(name))?;
    let rows = if wanted { column.values().clone() } else { !column.values() };
    Ok(there(&rows, column.nulls()))
}

fn missing(name: &str) -> Error {
    Error::new(base::Code::Internal, format!("the mirror has no such column {name}"))
}

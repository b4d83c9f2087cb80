//! Finding customers in the mirror: by what their columns say, in the order of one of them.

use std::collections::BinaryHeap;

use arrow::array::{AsArray, RecordBatch};
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
        (tests, also): (&[Test], impl Fn(usize) -> bool),
        order: Order,
        (after, limit): (Option<Stand>, usize),
    ) -> Result<Found> {
        let (mut total, mut net, mut best) = (0, 0_i64, BinaryHeap::with_capacity(limit + 1));
        let mut mask = Vec::with_capacity(BLOCK_ROWS);
        for (index, block) in self.blocks().iter().enumerate() {
            known(block, &mut mask)?;
            for test in tests {
                pass(block, test, &mut mask)?;
            }
            let first = index * BLOCK_ROWS;
            for (row, kept) in mask.iter_mut().enumerate() {
                *kept = *kept && also(first + row);
                total += i64::from(*kept);
            }
            let keep = |row: usize| mask.get(row).copied().unwrap_or_default();
            column::each_i64(block, "net_minor", |row, value| {
                net = net.saturating_add(value.filter(|_| keep(row)).unwrap_or_default());
            });
            column::each_i64(block, order.column, |row, value| {
                if !keep(row) {
                    return;
                }
                let number = i64::try_from(first + row + 1).unwrap_or_default();
                let stand = stand(order, value, number);
                if after.is_none_or(|after| stand > after) {
                    if best.len() < limit {
                        best.push(stand);
                    } else if let Some(mut worst) = best.peek_mut()
                        && stand < *worst
                    {
                        *worst = stand;
                    }
                }
            });
        }
        Ok(Found { page: best.into_sorted_vec(), total, net_minor: net })
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

fn stand(order: Order, value: Option<i64>, number: i64) -> Stand {
    // The complement turns the order of numbers round without overflow.
    let value = value.map(|value| if order.descending { !value } else { value });
    Stand(value.is_none(), value.unwrap_or_default(), number)
}

fn known(block: &RecordBatch, mask: &mut Vec<bool>) -> Result<()> {
    mask.clear();
    mask.extend(truths(block, "known")?.iter().map(|known| known == Some(true)));
    Ok(())
}

fn pass(block: &RecordBatch, test: &Test, mask: &mut [bool]) -> Result<()> {
    match test {
        Test::Is(name, wanted) => {
            for (kept, value) in mask.iter_mut().zip(text(block, name)?) {
                *kept = *kept && value == Some(wanted.as_str());
            }
        }
        Test::Within(name, least, most) => {
            if column::place(name).is_none() {
                return Err(missing(name));
            }
            let (least, most) = (least.unwrap_or(i64::MIN), most.unwrap_or(i64::MAX));
            column::each_i64(block, name, |row, value| {
                if let Some(kept) = mask.get_mut(row) {
                    *kept &= value.is_some_and(|value| (least..=most).contains(&value));
                }
            });
        }
        Test::Holds(name, wanted) => {
            for (kept, value) in mask.iter_mut().zip(truths(block, name)?) {
                *kept &= value == Some(*wanted);
            }
        }
    }
    Ok(())
}

fn text<'a>(block: &'a RecordBatch, name: &str) -> Result<&'a arrow::array::StringArray> {
    block
        .column_by_name(name)
        .and_then(|column| column.as_string_opt())
        .ok_or_else(|| missing(name))
}

fn truths<'a>(block: &'a RecordBatch, name: &str) -> Result<&'a arrow::array::BooleanArray> {
    let column = block.column_by_name(name);
    column.and_then(|column| column.as_boolean_opt()).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::new(base::Code::Internal, format!("the mirror has no such column {name}"))
}

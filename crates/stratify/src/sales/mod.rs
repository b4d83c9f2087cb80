//! A shop's orders in memory, a row of 24 bytes each: what the figures of any period are worked
//! out of. Keeping them fresh reads the orders whose version is newer than theirs.

pub mod find;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use base::{Result, Time};
use perceive::{identity, order};
use store::Cx;

use crate::people::People;

/// Rows that one read of the store takes.
const PAGE_ROWS: i64 = 50_000;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// The kind of an order.
pub const ORDER: u8 = 0;
/// The kind of a refund that is a document of its own.
const REFUND: u8 = 1;
/// The kind of a number at which there is no order, or one that was made to try the shop out.
const NONE: u8 = u8::MAX;

/// What a figure needs of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sale {
    /// 0 order, 1 refund, 2 correction.
    pub kind: u8,
    /// 0 placed … 4 closed.
    pub status: u8,
    /// Who bought it; 0 where no customer is known.
    pub person: u32,
    /// 拍下 time, in seconds since 1970.
    pub placed: u32,
    /// The time from which on it is a sale: that of its payment where that is known.
    pub sold: u32,
    /// Money received.
    pub paid_minor: i64,
    /// Money given back.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
}

impl Sale {
    /// Whether money came in for it.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.kind == ORDER && self.paid_minor > 0
    }

    /// Whether it is a document of money that went back.
    #[must_use]
    pub fn is_refund(&self) -> bool {
        self.kind == REFUND
    }

    /// Paid, less refunded, and adjusted.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.paid_minor.saturating_sub(self.refunded_minor).saturating_add(self.adjusted_minor)
    }
}

/// An order as it is held.
#[derive(Debug, Clone, Copy)]
struct Held {
    kind: u8,
    status: u8,
    label: i32,
    placed: u32,
    sold: u32,
    paid_minor: i64,
    /// Whether money was given back or corrected.
    given_back: bool,
}

const NOTHING: Held =
    Held { kind: NONE, status: 0, label: 0, placed: 0, sold: 0, paid_minor: 0, given_back: false };

/// A shop's orders.
#[derive(Debug, Default, Clone)]
pub struct Sales {
    version: i64,
    moves: i64,
    /// By number less one.
    rows: Vec<Held>,
    /// Rows that stand for something.
    there: i64,
    /// Refunded and adjusted, by place, where either is not zero: few orders have them.
    given_back: HashMap<usize, (i64, i64)>,
    /// Who the labels are that do not stand for themselves.
    people: People,
}

impl Sales {
    /// Those of some rows; of rows of one order the last counts.
    #[must_use]
    pub fn of(rows: &[order::Changed]) -> Self {
        let mut sales = Self::default();
        rows.iter().for_each(|row| sales.put(row));
        sales
    }

    /// The version of the orders that it holds.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Whether anything has changed since.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn is_stale(&self, cx: &Cx) -> Result<bool> {
        let mut tx = cx.read().await?;
        Ok(identity::moves(&mut tx).await? != self.moves
            || !order::since(&mut tx, self.version, 1).await?.is_empty())
    }

    /// Reads what has changed since; how many rows.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn refresh(&mut self, cx: &Cx) -> Result<usize> {
        let mut count = 0;
        loop {
            let mut tx = cx.read().await?;
            let moves = identity::moves(&mut tx).await?;
            if moves != self.moves {
                self.people = People::new(&identity::redirect(&mut tx).await?, &[]);
                self.moves = moves;
            }
            let rows = order::since(&mut tx, self.version, PAGE_ROWS).await?;
            let Some(last) = rows.last() else { return Ok(count) };
            self.version = last.version;
            count += rows.len();
            rows.iter().for_each(|row| self.put(row));
        }
    }

    fn put(&mut self, row: &order::Changed) {
        let number = usize::try_from(row.order_no).ok();
        let Some(place) = number.and_then(|number| number.checked_sub(1)) else { return };
        if self.rows.len() <= place {
            self.rows.resize(place + 1, NOTHING);
        }
        let later = |at: &i64| row.placed_at.is_none_or(|placed| *at > placed);
        let paid_at = row.paid_at.filter(later);
        if let Some(held) = self.rows.get_mut(place) {
            self.there -= i64::from(held.kind != NONE);
            *held = Held {
                kind: if row.known && !row.test { code(row.kind) } else { NONE },
                status: code(row.status),
                label: narrow(row.customer_no.unwrap_or_default()),
                placed: seconds(row.placed_at),
                sold: seconds(paid_at.or(row.placed_at)),
                paid_minor: row.paid_minor,
                given_back: (row.refunded_minor, row.adjusted_minor) != (0, 0),
            };
            self.there += i64::from(held.kind != NONE);
        }
        match (row.refunded_minor, row.adjusted_minor) {
            (0, 0) => self.given_back.remove(&place),
            both => self.given_back.insert(place, both),
        };
    }

    /// Every order, refund and correction.
    pub fn iter(&self) -> impl Iterator<Item = Sale> {
        self.numbered().map(|(_, sale)| sale)
    }

    /// The same, each with its number.
    pub fn numbered(&self) -> impl Iterator<Item = (i64, Sale)> {
        let there = (1_i64..).zip(&self.rows).enumerate();
        let there = there.filter(|(_, (_, held))| held.kind != NONE);
        there.map(|(place, (number, held))| (number, self.whole(place, held)))
    }

    /// Their numbers after one, or those before it, backwards.
    fn numbers_after(&self, after: Option<i64>, backwards: bool) -> impl Iterator<Item = i64> {
        let end = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        let (mut from, mut to) = (1, end);
        match (after, backwards) {
            (Some(after), false) => from = after.saturating_add(1).max(1),
            (Some(after), true) => to = after.saturating_sub(1).min(end),
            (None, _) => {}
        }
        let mut left = from..to.saturating_add(1);
        let next = move || if backwards { left.next_back() } else { left.next() };
        let there = |number: &i64| {
            let place = usize::try_from(*number - 1).ok();
            let held = place.and_then(|place| self.rows.get(place));
            held.is_some_and(|held| held.kind != NONE)
        };
        std::iter::from_fn(next).filter(there)
    }

    /// When the last of them that was paid became a sale.
    #[must_use]
    pub fn last_sold_at(&self) -> Option<Time> {
        let sold = self.iter().filter(Sale::is_paid).map(|sale| sale.sold).max();
        sold.map(|at| Time::from_micros(i64::from(at) * SECOND))
    }

    /// The order of that number, unless it was made to try the shop out.
    #[must_use]
    pub fn at(&self, number: i64) -> Option<Sale> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        let held = self.rows.get(place).filter(|held| held.kind != NONE)?;
        Some(self.whole(place, held))
    }

    fn whole(&self, place: usize, held: &Held) -> Sale {
        let given_back = if held.given_back { self.given_back.get(&place) } else { None };
        let (refunded_minor, adjusted_minor) = given_back.copied().unwrap_or_default();
        // A visitor, whose number is below zero, is no customer.
        let place = self.people.place(Some(i64::from(held.label)), || None);
        let person = place.and_then(|place| u32::try_from(place + 1).ok());
        Sale {
            kind: held.kind,
            status: held.status,
            person: person.unwrap_or_default(),
            placed: held.placed,
            sold: held.sold,
            paid_minor: held.paid_minor,
            refunded_minor,
            adjusted_minor,
        }
    }
}

fn code(value: i64) -> u8 {
    u8::try_from(value).unwrap_or(NONE)
}

/// Numbers are dense within a shop, and a shop has fewer customers than 32 bits count.
fn narrow(number: i64) -> i32 {
    i32::try_from(number).unwrap_or_default()
}

/// Whole seconds, from 1970 to 2106.
fn seconds(micros: Option<i64>) -> u32 {
    let seconds = micros.unwrap_or_default().div_euclid(SECOND).max(0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
